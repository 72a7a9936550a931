import jax
import jax.numpy as jnp
import numpy as np

from ssagan_jax.models.layers.wind import UNIT, Modulate, WindPrior, append_wind
from ssagan_jax.ops import mixture
from tests.helpers.stubs import quick_jit

X = np.random.default_rng(0).standard_normal((3, 2, 4, 4, 8)).astype(np.float32)
WIND = np.float32([[0.01, 0.0], [0.0, -0.02], [0.0, 0.0]])


def new_prior():
    return quick_jit(WindPrior().init)(jax.random.key(0), X)


def test_modulation_begins_as_the_identity_and_then_tells_winds_apart():
    variables = quick_jit(Modulate().init)(jax.random.key(0), X, WIND)
    modulate = quick_jit(Modulate().apply)
    np.testing.assert_array_equal(modulate(variables, X, WIND), X)
    moved = jax.tree.map(lambda p: p + 0.1, variables)
    same = np.broadcast_to(X[:1], X.shape)
    found = np.asarray(modulate(moved, same, WIND))
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_appended_channels_say_the_wind_in_hundredths_everywhere():
    found = append_wind(jnp.asarray(X, jnp.bfloat16), jnp.asarray(WIND))
    assert found.shape == (3, 2, 4, 4, 10) and found.dtype == jnp.bfloat16
    np.testing.assert_array_equal(found[..., :8], X.astype(jnp.bfloat16))
    np.testing.assert_array_equal(found[:, 1, 3, 2, 8:], [[1, 0], [0, -2], [0, 0]])
    np.testing.assert_array_equal(append_wind(jnp.asarray(X), None)[..., 8:], 0)


def test_a_fresh_prior_has_winds_of_every_direction():
    prior = np.asarray(quick_jit(WindPrior().apply)(new_prior(), X))
    assert prior.shape == (3, 8, mixture.SIZE)
    angles = np.arctan2(prior[0, :, 2], prior[0, :, 1])
    assert len({round(float(a), 3) for a in angles}) == 8
    np.testing.assert_allclose(np.hypot(prior[0, :, 1], prior[0, :, 2]), UNIT, rtol=1e-5)


def test_the_prior_moves_nothing_but_itself():
    variables = new_prior()

    def likelihood(x):
        return mixture.log_likelihood(WindPrior().apply(variables, x), jnp.asarray(WIND)).sum()

    np.testing.assert_array_equal(quick_jit(jax.grad(likelihood))(X), 0.0)


def test_a_prior_learns_which_photo_has_which_wind():
    x, wind = jnp.asarray(X), jnp.asarray(WIND)

    def step(number, variables):
        def loss(v):
            return -mixture.log_likelihood(WindPrior().apply(v, x), wind).mean()

        rate = 0.05 * (1 - number / 300)
        return jax.tree.map(
            lambda p, g: p - rate * jnp.clip(g, -1, 1), variables, jax.grad(loss)(variables)
        )

    @quick_jit
    def learned(variables):
        variables = jax.lax.fori_loop(0, 300, step, variables)
        return mixture.mode(WindPrior().apply(variables, x))

    np.testing.assert_allclose(learned(new_prior()), WIND, atol=4e-3)
