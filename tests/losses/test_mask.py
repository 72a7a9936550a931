"""Losses on the mask."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.losses import GENERATOR
from ssagan_jax.types import Generated
from tests.helpers.stubs import loss_inputs

CLIP = np.zeros((2, 2, 12, 12, 3), np.float32)


def on_extras(**extras):
    fake = Generated(clip=jnp.asarray(CLIP), extras=extras)
    return GENERATOR["mask_sparsity"](loss_inputs(CLIP, CLIP).replace(fake=fake))


def test_mask_sparsity_is_the_mean_of_the_absolute_mask():
    mask = np.random.default_rng(0).uniform(-1, 1, (2, 2, 12, 12, 1)).astype(np.float32)
    assert on_extras(mask=jnp.asarray(mask)) == pytest.approx(np.abs(mask).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("extras", "found"), [({}, "nothing"), ({"stage1": jnp.asarray(CLIP)}, "stage1")]
)
def test_a_generator_without_a_mask(extras, found):
    with pytest.raises(ValueError, match=rf"needs a generator with a mask .* has {found} there"):
        on_extras(**extras)
