"""The ranking loss against arithmetic in NumPy, and whom its gradients reach."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.losses import DISCRIMINATOR, GENERATOR
from ssagan_jax.types import Generated, Judged
from tests.helpers.stubs import loss_inputs, quick_jit

DRAW = np.random.default_rng(0)
SHAPE = (2, 2, 4, 4, 3)
REAL, FIRST, SECOND = (DRAW.uniform(-1, 1, SHAPE).astype(np.float32) for _ in range(3))
NAMES = ("ranking", "ranking_real")


def judge(clip, gain=1.0, blocks=3):
    """Features that are powers of the clip; of the second block nothing must be taken."""
    features = [gain * clip, jnp.full_like(clip, jnp.nan), gain * clip**3]
    return Judged(logits=jnp.zeros((len(clip), 1)), features=tuple(features[:blocks]))


def inputs(*, second=SECOND, first=FIRST, real=REAL, judge=judge, judged=True):
    """As the discriminator's update has them, or (not ``judged``) the generator's."""
    filled = loss_inputs(real, second, judge=judge)
    return filled.replace(
        fake=Generated(clip=jnp.asarray(second), extras={"stage1": jnp.asarray(first)}),
        on_real=judge(jnp.asarray(real)) if judged else None,
        on_fake=judge(jnp.asarray(second)),
    )


def gram(x):
    rows = np.moveaxis(x, -1, 1).reshape(len(x), 6, 16).astype(np.float64)
    return rows @ rows.swapaxes(1, 2) / (6 * 16)


def by_hand(name, second=SECOND):
    total = 0.0
    for power in (1, 3):
        g, g1, g2 = (gram(clip**power) for clip in (REAL, FIRST, second))
        positive = np.abs(g2 - g).sum((1, 2))
        negative = np.abs(g2 - g1 if name == "ranking" else g1 - g).sum((1, 2))
        ratio = np.exp(-positive) / (np.exp(-positive) + np.exp(-negative))
        total += -np.log(ratio).mean()
    return total


@pytest.mark.parametrize("judged", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_by_hand(name, judged):
    both = [table[name] for table in (GENERATOR, DISCRIMINATOR)]
    found = quick_jit(lambda: [loss(inputs(judged=judged)) for loss in both])()
    assert found == pytest.approx([by_hand(name), -by_hand(name)], rel=1e-4)


def test_the_two_readings_are_different_losses():
    assert by_hand("ranking") != pytest.approx(by_hand("ranking_real"), rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_it_stays_finite_where_the_exponentials_do_not(name):
    def far(second):
        return GENERATOR[name](inputs(second=second, judge=lambda clip: judge(clip, gain=1e3)))

    assert np.isfinite(quick_jit(far)(SECOND))
    slope = quick_jit(jax.grad(lambda clip: GENERATOR[name](inputs(second=clip))))
    assert np.isfinite(slope(SECOND)).all()


def test_the_best_clip_is_the_real_one_and_the_worst_the_first_stages():
    loss = quick_jit(lambda clip: GENERATOR["ranking"](inputs(second=clip)))
    losses = [float(loss(clip)) for clip in (REAL, SECOND, FIRST)]
    assert losses == sorted(losses)
    assert losses[0] < 2 * np.log(2) < losses[2]  # two blocks, each log 2 at equal distances


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_the_second_stage_and_not_the_first(name):
    def loss(second, first):
        return GENERATOR[name](inputs(second=second, first=first, judged=False))

    on_second, on_first = quick_jit(jax.grad(loss, argnums=(0, 1)))(SECOND, FIRST)
    assert np.any(on_second)
    assert not np.any(on_first)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_the_discriminator(name):
    def loss(table, gain):
        return table[name](inputs(judge=lambda clip: judge(clip, gain)))

    @quick_jit
    def both(gain):
        return [jax.value_and_grad(loss, 1)(t, gain) for t in (GENERATOR, DISCRIMINATOR)]

    (_, up), (_, down) = both(1.0)
    assert up == pytest.approx(-down)
    step = 1e-2
    above, below = (float(both(1 + sign * step)[0][0]) for sign in (1, -1))
    assert up == pytest.approx((above - below) / (2 * step), rel=1e-2)
    assert up != 0


def test_without_a_first_stage():
    alone = loss_inputs(REAL, SECOND)
    with pytest.raises(ValueError, match=r"compares with a first stage, .*generator\.stage=2"):
        GENERATOR["ranking"](alone)


def test_a_discriminator_of_two_blocks():
    with pytest.raises(ValueError, match="first and third blocks; this one has 2"):
        GENERATOR["ranking"](inputs(judge=lambda clip: judge(clip, blocks=2)))
