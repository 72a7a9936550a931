"""A fresh state."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from ssagan_jax.training.state import NetState, create
from tests.helpers.stubs import equal, make_gan, new_state


@pytest.fixture(scope="module")
def state():
    return new_state(make_gan(ema_decay=0.9), seed=3)


def test_starts_at_step_0(state):
    assert state.step == 0
    assert state.step.dtype == jnp.int32


def test_average_starts_at_the_parameters_in_arrays_of_its_own(state):
    assert equal(state.ema_params, state.generator.params)
    assert equal(state.ema_stats, state.generator.stats)
    averages = state.ema_params, state.ema_stats
    own = state.generator.params, state.generator.stats
    pairs = zip(*map(jax.tree.leaves, (averages, own)), strict=True)
    pointers = [[x.unsafe_buffer_pointer() for x in pair] for pair in pairs]
    assert all(one != other for one, other in pointers)  # or donating the state would fail


def test_without_decay_no_average_is_kept():
    assert jax.eval_shape(partial(create, make_gan()), 0).ema_params is None


def test_stats_are_every_other_collection(state):
    assert set(state.generator.stats) == {"batch_stats"}
    assert set(state.generator.variables) == {"params", "batch_stats"}
    assert state.generator.variables["params"] is state.generator.params


def test_each_network_has_an_optimizer_state_for_its_own_parameters(state):
    for net in (state.generator, state.discriminator):
        mu = net.opt_state.mu
        assert jax.tree.structure(mu) == jax.tree.structure(net.params)
        assert not any(np.any(leaf) for leaf in jax.tree.leaves(mu))


def test_the_seed_decides_every_draw(state):
    same, other = (new_state(make_gan(ema_decay=0.9), seed) for seed in (3, 4))
    assert equal(state, same)
    for name in ("generator", "discriminator"):
        kernels = [getattr(s, name).params["dense"]["kernel"] for s in (state, other)]
        assert not np.array_equal(*kernels)
    assert not np.array_equal(state.rng, other.rng)


class Layer(nn.Module):
    """Takes photos and clips alike."""

    size: int = 4
    frames: int = 2

    @nn.compact
    def __call__(self, x, *, train):
        return nn.Dense(4)(x)


def test_the_networks_draw_from_different_keys():
    twins = new_state(make_gan(generator=Layer(), discriminator=Layer()))
    assert not np.allclose(
        *(n.params["Dense_0"]["kernel"] for n in (twins.generator, twins.discriminator))
    )


def test_the_key_of_the_run_is_kept_as_plain_numbers(state):
    assert state.rng.dtype == jnp.uint32
    assert np.array_equal(state.rng, jax.random.key_data(jax.random.key(3)))


def test_net_states_are_frozen(state):
    with pytest.raises(AttributeError):
        state.generator.params = {}
    assert isinstance(state.generator, NetState)
