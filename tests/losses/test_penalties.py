"""The gradient penalty where the answer is known: judges that are linear or square."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.losses import DISCRIMINATOR
from ssagan_jax.types import Judged
from tests.helpers.stubs import loss_inputs, quick_jit

DRAW = np.random.default_rng(0)
SHAPE = (3, 2, 2, 2, 3)
REAL = DRAW.uniform(-1, 1, SHAPE).astype(np.float32)
FAKE = DRAW.uniform(-1, 1, SHAPE).astype(np.float32)


def penalty(judge, *, key=0):
    inputs = loss_inputs(REAL, FAKE, judge=lambda clip: Judged(logits=judge(clip)), key=key)
    return DISCRIMINATOR["gradient_penalty"](inputs)


@pytest.mark.parametrize("scores", [1, 2])
def test_of_a_linear_judge_is_its_weights_norm_minus_1_squared(scores):
    weights = DRAW.normal(size=(*SHAPE[1:], scores)).astype(np.float32)
    found = quick_jit(lambda: penalty(lambda x: jnp.einsum("bthwc,thwcs->bs", x, weights)))()
    slope = np.linalg.norm(weights.sum(-1))  # several scores of a clip add up
    assert found == pytest.approx((slope - 1) ** 2, rel=1e-4)


def test_each_clip_is_judged_on_the_line_between_real_and_fake_with_its_own_weight():
    # D(x) = |x|^2 / 2 has the slope x, so the penalty tells where the clips lie.
    found = quick_jit(lambda: penalty(lambda x: 0.5 * jnp.sum(x**2, (1, 2, 3, 4))[:, None]))()
    alpha = quick_jit(lambda: jax.random.uniform(jax.random.key(0), (3, 1, 1, 1, 1)))()
    alpha = np.asarray(alpha)
    assert len(np.unique(alpha)) == 3
    norms = np.linalg.norm(((1 - alpha) * REAL + alpha * FAKE).reshape(3, -1), axis=1)
    assert found == pytest.approx(np.mean((norms - 1) ** 2), rel=1e-5)


def test_the_key_decides_the_draw():
    def judge(clip):
        return jnp.sum(clip**2, (1, 2, 3, 4))[:, None]

    drawn = quick_jit(lambda key: penalty(judge, key=key))
    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_a_flat_judge_costs_1_and_its_gradient_is_finite():
    def loss(scale):
        return penalty(lambda clip: scale * jnp.sum(clip, (1, 2, 3, 4))[:, None])

    value, slope = quick_jit(jax.value_and_grad(loss))(0.0)
    assert value == pytest.approx(1, abs=1e-5)
    assert np.isfinite(slope)


def test_gradients_reach_the_judge():
    # (|w| - 1)^2 with |w| = scale * sqrt(24): the derivative is 2 (|w| - 1) sqrt(24).
    slope = quick_jit(jax.grad(lambda s: penalty(lambda x: s * jnp.sum(x, (1, 2, 3, 4))[:, None])))(
        1.0
    )
    assert slope == pytest.approx(2 * (np.sqrt(24) - 1) * np.sqrt(24), rel=1e-4)
