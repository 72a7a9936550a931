from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import losses
from ssagan_jax.losses import LossInputs
from ssagan_jax.types import Generated, Judged
from tests.helpers.stubs import quick_jit

CLIP = np.zeros((2, 4, 8, 8, 3), np.float32)


def loss(name, wind=None, **extras):
    judged = Judged(logits=jnp.zeros((2, 1)))
    inputs = LossInputs(
        real=jnp.asarray(CLIP),
        fake=Generated(clip=jnp.asarray(CLIP), extras=extras),
        on_real=None,
        on_fake=judged,
        rng=jax.random.key(0),
        judge=lambda clip: judged,
        wind=wind,
    )
    return losses.GENERATOR[name](inputs)


def compiled(name, **given):
    return quick_jit(partial(loss, name))(**given)


@pytest.mark.parametrize("size", [8, 16])
def test_the_variation_of_a_ramp_is_its_height_at_any_resolution(size):
    ramp = np.linspace(0, 0.03, size, dtype=np.float32)[:, None, None]
    ramp = np.broadcast_to(ramp, (2, size, size, 2))
    found = compiled("velocity_variation", velocity=ramp)
    np.testing.assert_allclose(found, 3.0 * size / (size - 1), rtol=1e-4)


def test_the_change_is_measured_by_its_mean_size():
    change = np.stack([CLIP[..., 0] + 0.5, CLIP[..., 0] - 0.5, CLIP[..., 0]], -1)
    np.testing.assert_allclose(compiled("change", change=change), 1 / 3, rtol=1e-6)


def test_the_likelihood_is_of_winds_in_hundredths():
    """Of a standard normal distribution in hundredths, at its mean: log 2 pi."""
    one = np.float32([0.0, 0.02, 0.0, np.log(0.01), np.log(0.01)])
    prior = np.broadcast_to(one, (2, 3, 5))
    found = compiled("wind_likelihood", wind=np.float32([[0.02, 0.0]] * 2), prior=prior)
    np.testing.assert_allclose(found, np.log(2 * np.pi), rtol=1e-5)


@pytest.mark.parametrize("name", ["velocity_variation", "change", "wind_likelihood"])
def test_a_generator_without_what_a_loss_needs_is_an_error(name):
    with pytest.raises(
        ValueError, match=f"The loss {name} needs a generator with .* has mask there"
    ):
        loss(name, mask=jnp.asarray(CLIP))
