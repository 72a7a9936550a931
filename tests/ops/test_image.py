"""Pixels to floats and back."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops.image import to_float, to_uint8

ALL = jnp.arange(256, dtype=jnp.uint8)


def test_uint8_becomes_minus_1_to_1():
    np.testing.assert_allclose(to_float(ALL), np.arange(256) / 127.5 - 1, atol=1e-7)
    assert to_float(ALL).dtype == jnp.float32


def test_every_grey_level_survives_the_round_trip():
    assert np.array_equal(to_uint8(to_float(ALL)), ALL)


def test_floats_pass_unchanged():
    floats = jnp.asarray([-3.0, 0.5], jnp.bfloat16)
    assert to_float(floats) is floats


def test_other_types_are_refused():
    with pytest.raises(ValueError, match=r"uint8 or floats in \[-1, 1\], not int32"):
        to_float(jnp.arange(3, dtype=jnp.int32))


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_floats_become_the_nearest_grey_level_and_are_clipped(dtype):
    pixels = jnp.asarray([-7.0, -1.0, 0.25, 1.0, 7.0], dtype)
    assert to_uint8(pixels).tolist() == [0, 0, 159, 255, 255]  # 1.25 x 127.5 = 159.4
