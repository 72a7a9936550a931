"""Losses on the mask."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.losses import GENERATOR
from ssagan_jax.types import Generated
from tests.helpers.stubs import loss_inputs, quick_jit

CLIP = np.zeros((2, 2, 12, 12, 3), np.float32)


def on_extras(name="mask_sparsity", moving=None, **extras):
    fake = Generated(clip=jnp.asarray(CLIP), extras=extras)
    return GENERATOR[name](loss_inputs(CLIP, CLIP).replace(fake=fake, moving=moving))


def test_mask_sparsity_is_the_mean_of_the_absolute_mask():
    mask = np.random.default_rng(0).uniform(-1, 1, (2, 2, 12, 12, 1)).astype(np.float32)
    assert quick_jit(on_extras)(mask=mask) == pytest.approx(np.abs(mask).mean(), rel=1e-5)


def in_quarters(*values):
    """Four values, each in a quarter of the picture."""
    return np.kron(np.float32(values).reshape(1, 2, 2), np.ones((2, 6, 6), np.float32))


def test_mask_cross_entropy_leaves_out_what_is_not_known():
    """Means over all pixels: a quarter each of said right, said wrong, undecided, not known."""
    mask = in_quarters(0.75, 0.75, 0.5, 0.0)[..., None]
    moving = in_quarters(1.0, 0.0, 0.5, np.nan)
    expected = -(np.log(0.75) + np.log(0.25) + np.log(0.5)) / 4
    found = quick_jit(partial(on_extras, "mask_cross_entropy"))(moving, mask=mask)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_mask_cross_entropy_and_its_gradient_are_finite_wherever_the_mask_is():
    moving = in_quarters(1.0, 0.0, 1.0, np.nan)

    def loss(mask):
        return on_extras("mask_cross_entropy", jnp.asarray(moving), mask=mask)

    value, gradient = quick_jit(jax.value_and_grad(loss))(
        in_quarters(0.0, 1.0, 0.5, 1.0)[..., None]
    )
    assert np.isfinite(value) and np.isfinite(gradient).all()
    assert gradient[0, 11, 0, 0] < 0 and gradient[0, 11, 11, 0] == 0


@pytest.mark.parametrize("name", ["mask_sparsity", "mask_cross_entropy"])
@pytest.mark.parametrize(
    ("extras", "found"), [({}, "nothing"), ({"stage1": jnp.asarray(CLIP)}, "stage1")]
)
def test_a_generator_without_a_mask(name, extras, found):
    with pytest.raises(
        ValueError, match=rf"{name} needs a generator with a mask .* has {found} there"
    ):
        on_extras(name, **extras)


def test_a_mask_for_each_frame_is_not_what_moves():
    """As VGAN's; of as many clips as frames it would be compared with other clips'."""
    mask = jnp.full((2, 2, 12, 12, 1), 0.5)
    with pytest.raises(ValueError, match=r"one mask for the whole clip .* a mask for each frame"):
        on_extras("mask_cross_entropy", jnp.ones((2, 12, 12)), mask=mask)
