import jax
import jax.numpy as jnp
import numpy as np

from ssagan_jax.models.layers.wind import UNIT, Modulate, WindPrior, append_wind
from ssagan_jax.ops import mixture

X = jnp.asarray(np.random.default_rng(0).standard_normal((3, 2, 4, 4, 8)), jnp.float32)
WIND = jnp.array([[0.01, 0.0], [0.0, -0.02], [0.0, 0.0]])


def test_modulation_begins_as_the_identity_and_then_tells_winds_apart():
    variables = Modulate().init(jax.random.key(0), X, WIND)
    np.testing.assert_array_equal(Modulate().apply(variables, X, WIND), X)
    moved = jax.tree.map(lambda p: p + 0.1, variables)
    same = jnp.broadcast_to(X[:1], X.shape)
    found = Modulate().apply(moved, same, WIND)
    assert float(jnp.abs(found[0] - found[1]).max()) > 1e-3


def test_appended_channels_say_the_wind_in_hundredths_everywhere():
    found = append_wind(X.astype(jnp.bfloat16), WIND)
    assert found.shape == (3, 2, 4, 4, 10) and found.dtype == jnp.bfloat16
    np.testing.assert_array_equal(found[..., :8], X.astype(jnp.bfloat16))
    np.testing.assert_array_equal(found[:, 1, 3, 2, 8:], [[1, 0], [0, -2], [0, 0]])
    np.testing.assert_array_equal(append_wind(X, None)[..., 8:], 0)


def test_a_fresh_prior_has_winds_of_every_direction():
    variables = WindPrior().init(jax.random.key(0), X)
    prior = WindPrior().apply(variables, X)
    assert prior.shape == (3, 8, mixture.SIZE)
    angles = np.arctan2(prior[0, :, 2], prior[0, :, 1])
    assert len({round(float(a), 3) for a in angles}) == 8
    np.testing.assert_allclose(np.hypot(prior[0, :, 1], prior[0, :, 2]), UNIT, rtol=1e-5)


def test_the_prior_moves_nothing_but_itself():
    variables = WindPrior().init(jax.random.key(0), X)
    slope = jax.grad(lambda x: mixture.log_likelihood(WindPrior().apply(variables, x), WIND).sum())
    np.testing.assert_array_equal(slope(X), 0.0)


def test_a_prior_learns_which_photo_has_which_wind():
    variables = WindPrior().init(jax.random.key(0), X)

    @jax.jit
    def step(variables):
        def loss(v):
            return -mixture.log_likelihood(WindPrior().apply(v, X), WIND).mean()

        return jax.tree.map(
            lambda p, g: p - 0.05 * jnp.clip(g, -1, 1), variables, jax.grad(loss)(variables)
        )

    for _ in range(150):
        variables = step(variables)
    np.testing.assert_allclose(mixture.mode(WindPrior().apply(variables, X)), WIND, atol=4e-3)
