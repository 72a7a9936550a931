"""Convolving and its transpose, written by hand, are each other's adjoint and gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops import halving
from ssagan_jax.ops.halving import convolve, transpose


@pytest.fixture(params=[0, 256], ids=["many positions", "few positions"])
def few_positions(request, monkeypatch):
    monkeypatch.setattr(halving, "_FEW_POSITIONS", request.param)


def normal(*shape, seed):
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape), jnp.float32)


@pytest.mark.parametrize("channels", [3, 5])
@pytest.mark.parametrize(("taps", "stride", "padding"), [(4, 2, 1), (3, 1, 1), (1, 1, 0)])
def test_gradients_are_the_other_ones(few_positions, channels, taps, stride, padding):
    x, kernel = normal(2, 4, 6, 8, channels, seed=0), normal(taps, 4, 4, channels, 2, seed=1)
    y = normal(2, 4 // stride, 3, 4, 2, seed=2)

    @jax.jit
    def everything():
        forth, forth_back = jax.vjp(lambda *a: convolve(*a, stride, padding), x, kernel)
        back, back_back = jax.vjp(lambda *a: transpose(*a, stride, padding), y, kernel)
        return forth, back, forth_back(y), back_back(x)

    forth, back, (dx, dkernel), (dy, same) = everything()
    assert (forth.shape, back.shape) == (y.shape, x.shape)
    np.testing.assert_allclose((forth * y).sum(), (back * x).sum(), rtol=1e-3)
    for actual, desired in ((dx, back), (dy, forth), (dkernel, same)):
        np.testing.assert_allclose(actual, desired, rtol=1e-4, atol=1e-4)
    # Linear in the kernel, too.
    np.testing.assert_allclose((dkernel * kernel).sum(), (forth * y).sum(), rtol=1e-3)
