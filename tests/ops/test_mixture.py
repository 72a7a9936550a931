import jax
import numpy as np

from ssagan_jax.ops import mixture
from tests.helpers.stubs import quick_jit

log_likelihood = quick_jit(mixture.log_likelihood)

# Weights 1 : 3, of two components 4 apart.
TWO = np.float32([[[0.0, -2.0, 0.0, 0.0, 0.0], [np.log(3.0), 2.0, 0.0, -1.0, 0.5]]])


def test_the_density_is_that_of_its_gaussians():
    point = np.float32([[0.5, -0.3]])

    def gaussian(mean, deviation):
        z = (np.array([0.5, -0.3]) - mean) / deviation
        return np.exp(-0.5 * (z**2).sum()) / (2 * np.pi * np.prod(deviation))

    expected = 0.25 * gaussian([-2, 0], [1, 1]) + 0.75 * gaussian([2, 0], np.exp([-1, 0.5]))
    np.testing.assert_allclose(log_likelihood(TWO, point), np.log(expected), rtol=1e-5)


def test_the_density_integrates_to_one():
    axis = np.linspace(-8, 8, 161, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    all_of_it = np.broadcast_to(TWO, (len(points), 2, 5))
    total = np.exp(np.asarray(log_likelihood(all_of_it, points))).sum() * 0.1**2
    np.testing.assert_allclose(total, 1.0, rtol=1e-3)


def test_the_mode_is_the_densest_mean():
    broad = TWO.copy()
    broad[0, 1, 3:] = 2.0  # heavier, but spread out
    modes = quick_jit(mixture.mode)(np.concatenate([TWO, broad]))
    np.testing.assert_array_equal(modes, [[2.0, 0.0], [-2.0, 0.0]])


def test_draws_have_the_mixtures_weights_and_deviations():
    many = np.broadcast_to(TWO, (20_000, 2, 5))
    points = np.asarray(quick_jit(mixture.draw)(jax.random.key(0), many))
    second = points[points[:, 0] > 0.5]
    np.testing.assert_allclose(len(second) / len(points), 0.75, atol=0.01)
    np.testing.assert_allclose(second.std(0), np.exp([-1, 0.5]), rtol=0.04)
