import jax
import jax.numpy as jnp
import numpy as np

from ssagan_jax.ops import mixture

# Weights 1 : 3, of two components 4 apart.
TWO = jnp.array([[[0.0, -2.0, 0.0, 0.0, 0.0], [jnp.log(3.0), 2.0, 0.0, -1.0, 0.5]]])


def test_the_density_is_that_of_its_gaussians():
    point = jnp.array([[0.5, -0.3]])

    def gaussian(mean, deviation):
        z = (np.array([0.5, -0.3]) - mean) / deviation
        return np.exp(-0.5 * (z**2).sum()) / (2 * np.pi * np.prod(deviation))

    expected = 0.25 * gaussian([-2, 0], [1, 1]) + 0.75 * gaussian([2, 0], np.exp([-1, 0.5]))
    np.testing.assert_allclose(mixture.log_likelihood(TWO, point), np.log(expected), rtol=1e-5)


def test_the_density_integrates_to_one():
    axis = jnp.linspace(-8, 8, 161)
    points = jnp.stack(jnp.meshgrid(axis, axis), -1).reshape(-1, 2)
    all_of_it = jnp.broadcast_to(TWO, (len(points), 2, 5))
    total = jnp.exp(mixture.log_likelihood(all_of_it, points)).sum() * 0.1**2
    np.testing.assert_allclose(total, 1.0, rtol=1e-3)


def test_the_mode_is_the_densest_mean():
    broad = TWO.at[0, 1, 3:].set(2.0)  # heavier, but spread out
    modes = mixture.mode(jnp.concatenate([TWO, broad]))
    np.testing.assert_array_equal(modes, [[2.0, 0.0], [-2.0, 0.0]])


def test_draws_have_the_mixtures_weights_and_deviations():
    many = jnp.broadcast_to(TWO, (20_000, 2, 5))
    points = np.asarray(mixture.draw(jax.random.key(0), many))
    second = points[points[:, 0] > 0.5]
    np.testing.assert_allclose(len(second) / len(points), 0.75, atol=0.01)
    np.testing.assert_allclose(second.std(0), np.exp([-1, 0.5]), rtol=0.04)
