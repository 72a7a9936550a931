"""Initial values from one draw: the same distributions, no number twice, little to compile."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from scipy import stats

from ssagan_jax.models import discriminator, generator
from ssagan_jax.models.layers import initializers, pooled_initialization
from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.pooled_initialization import (
    draw_by_key,
    initialise_pooled,
)
from ssagan_jax.training.state import create
from tests.helpers.stubs import leaves, make_gan, quick_jit


class Layer(nn.Module):
    """One parameter of each of our distributions, and one that linen draws itself."""

    size: int = 4
    frames: int = 2
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x, *, train):
        shape, draw = (40, 500), self.compute.draw
        self.param("normal", initializers.normal(0.02, draw), shape)
        self.param("other", initializers.normal(0.02, draw), shape)
        self.param("uniform", initializers.uniform(0.1, draw), shape)
        self.param("scale", initializers.scale_initializer(draw), shape)
        return nn.Dense(4, name="dense")(x)


@pytest.fixture(scope="module")
def state():
    return quick_jit(partial(create, make_gan(generator=Layer(), discriminator=Layer())))(3)


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("normal", stats.norm(0, 0.02)),
        ("other", stats.norm(0, 0.02)),
        ("uniform", stats.uniform(-0.1, 0.2)),
        ("scale", stats.norm(1, 0.02)),
    ],
)
@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_distributions_are_those_of_the_initialisers(state, network, name, distribution):
    values = np.asarray(getattr(state, network).params[name]).ravel()
    assert values.dtype == np.float32
    assert stats.kstest(values, distribution.cdf).pvalue > 1e-3
    assert values.mean() == pytest.approx(distribution.mean(), abs=4 * distribution.std() / 141)
    assert values.std() == pytest.approx(distribution.std(), rel=0.03)
    lowest, highest = distribution.support()
    assert lowest <= values.min()
    assert values.max() <= highest


def test_arrays_of_one_draw_are_independent(state):
    nets = state.generator.params, state.discriminator.params
    names = ("normal", "other", "uniform", "scale")
    values = np.stack([np.asarray(net[name]).ravel() for net in nets for name in names])
    correlations = np.corrcoef(values) - np.eye(len(values))
    assert np.abs(correlations).max() < 5 / np.sqrt(values.shape[1])


def test_values_of_several_chunks_differ(monkeypatch):
    chunk = 2**14
    monkeypatch.setattr(pooled_initialization, "CHUNK", chunk)

    def make(draw):
        return draw("normal", jax.random.key(0), (2 * chunk + 3,))

    values = np.asarray(quick_jit(partial(initialise_pooled, make))(jax.random.key(1, impl="rbg")))
    parts = values[:chunk], values[chunk : 2 * chunk]
    assert abs(np.corrcoef(*parts)[0, 1]) < 5 / np.sqrt(chunk)
    assert values.std() == pytest.approx(1, rel=0.03)


def test_what_is_not_drawn_by_us_keeps_its_own_key(state):
    kernels = [
        np.asarray(n.params["dense"]["kernel"]) for n in (state.generator, state.discriminator)
    ]
    assert not np.allclose(*kernels)
    assert all(kernel.std() > 0.1 for kernel in kernels)  # linen's own: 1 / sqrt(fan-in)


def test_the_key_of_the_draw_decides():
    def make(draw):
        return draw("uniform", jax.random.key(0), (50,))

    run = quick_jit(partial(initialise_pooled, make))
    one, same, other = (np.asarray(run(jax.random.key(k, impl="rbg"))) for k in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_without_a_pool_each_draw_has_its_key():
    draws = [np.asarray(draw_by_key("normal", jax.random.key(k), (4,))) for k in (0, 1)]
    assert np.array_equal(draws[0], jax.random.normal(jax.random.key(0), (4,)))
    assert not np.array_equal(*draws)


def test_the_paper_s_networks_are_drawn_by_one_kernel():
    """One for each of their 45 parameters took as long to compile as a training step."""
    gan = make_gan(generator=generator("unet"), discriminator=discriminator("mdgan"))
    text = jax.jit(partial(create, gan)).lower(0).as_text()
    assert text.count("rng_bit_generator") == 1


def test_scanned_networks_can_be_drawn():
    gan = make_gan(
        generator=generator("rnngan", size=32, frames=8, features=2),
        discriminator=discriminator("mdgan", size=32, frames=8, features=2),
    )
    params = quick_jit(lambda: create(gan, 0).generator.params)()
    kernels = [leaf for name, leaf in leaves(params).items() if name.endswith("kernel")]
    assert all(jnp.std(kernel) == pytest.approx(0.02, rel=0.2) for kernel in kernels)
