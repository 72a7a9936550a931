"""Distances between sets, against SciPy and arithmetic by hand."""

import numpy as np
import pytest
import scipy.linalg

from ssagan_jax.metrics.pretrained.frechet import frechet_distance, fvd, kvd


def gaussian(seed, *, d=6, samples=200):
    x = np.random.default_rng(seed).normal(size=(samples, d)) @ np.random.default_rng(
        seed + 100
    ).normal(size=(d, d))
    return x.mean(axis=0) + seed, np.cov(x, rowvar=False)


@pytest.mark.parametrize("seeds", [(0, 1), (2, 5)])
@pytest.mark.parametrize("d", [1, 6, 40])
def test_equals_scipys_formula(seeds, d):
    (m1, c1), (m2, c2) = (gaussian(seed, d=d) for seed in seeds)
    c1, c2 = (np.atleast_2d(c) for c in (c1, c2))
    root = scipy.linalg.sqrtm(c1 @ c2).real
    expected = ((m1 - m2) ** 2).sum() + np.trace(c1 + c2 - 2 * root)
    assert frechet_distance(m1, c1, m2, c2) == pytest.approx(expected, rel=1e-8)


def test_equal_gaussians_are_at_distance_0_even_if_singular():
    mean, covariance = gaussian(3, d=40, samples=8)  # rank 7
    assert abs(frechet_distance(mean, covariance, mean, covariance)) < 1e-6
    assert frechet_distance(mean, covariance, mean + 2, covariance) == pytest.approx(160)


def test_one_dimension_by_hand():
    """(3 - 1)^2 + (2 - 1)^2."""
    mean, one = np.zeros(1), np.ones((1, 1))
    assert frechet_distance(mean + 3, 4 * one, mean + 1, one) == pytest.approx(5)


def test_fvd_takes_sample_covariances():
    a, b = np.array([[0.0], [2.0]]), np.array([[1.0], [1.0]])
    assert fvd(a, b) == pytest.approx(2)  # means equal; variances 2 (not 1) and 0


def test_fvd_of_a_set_with_itself():
    a = np.random.default_rng(0).normal(size=(12, 400)) * 5
    assert abs(fvd(a, a)) < 1e-6


def test_kvd_by_hand():
    """Kernel (xy + 1)^3 of {0, 1} and {1, 2}: 1, 27 within; 1, 1, 8, 27 between, mean 9.25."""
    a, b = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    assert kvd(a, b) == pytest.approx(1 + 27 - 2 * 9.25)


def test_kvd_divides_by_the_dimensions():
    a, b = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    twice = kvd(np.hstack([a, a]), np.hstack([b, b]))  # x.y doubles, and so does d
    assert twice == pytest.approx(kvd(a, b))


def test_kvd_has_no_bias_and_fvd_has():
    """Means over many pairs of small sets of one distribution."""
    draw = np.random.default_rng(0)
    pairs = [draw.normal(size=(2, 10, 3)) for _ in range(400)]
    kernel = np.array([kvd(a, b) for a, b in pairs])
    assert abs(kernel.mean()) < 3 * kernel.std() / 20
    assert (kernel < 0).any()
    assert np.mean([fvd(a, b) for a, b in pairs]) > 0.5


@pytest.mark.parametrize("distance", [fvd, kvd])
def test_distance_grows_with_the_shift(distance):
    a = np.random.default_rng(0).normal(size=(20, 5))
    b = np.random.default_rng(1).normal(size=(20, 5))
    near, far, farther = (distance(a, b + shift) for shift in (0, 1, 2))
    assert near < far < farther


@pytest.mark.parametrize("distance", [fvd, kvd])
def test_one_clip_has_no_distance(distance):
    assert distance(np.ones((1, 4)), np.ones((3, 4))) is None
    assert distance(np.ones((3, 4)), np.ones((1, 4))) is None
