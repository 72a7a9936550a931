"""Clipping of singular values against NumPy's decomposition."""

import numpy as np
import pytest

from ssagan_jax.ops import linalg
from tests.helpers.stubs import quick_jit

clip_singular_values = quick_jit(linalg.clip_singular_values, static_argnames=("axis", "limit"))


def kernel(*shape, scale=0.1, seed=0):
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def matrix(kernel, axis):
    return np.moveaxis(np.asarray(kernel, np.float64), axis, 0).reshape(kernel.shape[axis], -1)


def expected(kernel, axis, limit):
    u, s, v = np.linalg.svd(matrix(kernel, axis), full_matrices=False)
    return (u * np.minimum(s, limit)) @ v


@pytest.mark.parametrize("axis", [-1, -2])
@pytest.mark.parametrize("limit", [1.0, 0.5])
@pytest.mark.parametrize(
    "shape",
    [
        (4, 4, 4, 6, 8),  # wide either way
        (1, 1, 1, 5, 20),  # tall along the last axis
        (1, 4, 4, 8, 1),  # one row
        (7, 9),  # linear
    ],
)
def test_against_numpy(shape, axis, limit):
    weights = kernel(*shape, scale=0.5)
    assert np.linalg.norm(matrix(weights, axis), 2) > 1.2 * limit
    found = clip_singular_values(weights, axis=axis, limit=limit)
    assert found.shape == shape
    np.testing.assert_allclose(matrix(found, axis), expected(weights, axis, limit), atol=2e-5)
    assert np.linalg.norm(matrix(found, axis), 2) == pytest.approx(limit, abs=3e-5)


def test_the_axis_matters():
    weights = kernel(2, 2, 2, 3, 5, scale=1.0)
    last, before = (np.asarray(clip_singular_values(weights, axis=axis)) for axis in (-1, -2))
    assert np.abs(last - before).max() > 0.1


def test_large_and_small_values_together():
    """Single precision, with singular values over six orders of magnitude."""
    u, v = (np.linalg.qr(kernel(8, 8, seed=seed))[0].astype(np.float64) for seed in (1, 2))
    weights = ((u * np.logspace(2, -4, 8)) @ v).astype(np.float32)
    found = np.asarray(clip_singular_values(weights), np.float64)
    np.testing.assert_allclose(matrix(found, -1), expected(weights, -1, 1.0), atol=2e-4)


def test_a_kernel_within_the_limit_comes_back_bit_for_bit():
    weights = kernel(3, 3, 3, 2, 4, scale=0.01)
    assert np.array_equal(clip_singular_values(weights), weights)


def test_zeros_stay():
    assert not np.any(clip_singular_values(np.zeros((2, 2, 3, 4), np.float32)))
