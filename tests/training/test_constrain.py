"""What a discriminator's ``constrain`` does to its update, and when."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from ssagan_jax.models import tgan
from ssagan_jax.training.step import discriminator_update, generator_update
from tests.helpers.stubs import (
    Discriminator,
    clips,
    drawn_state,
    equal,
    leaves,
    make_gan,
    quick_jit,
)

BATCH = {"clip": jnp.asarray(clips() / np.float32(127.5) - 1)}


class Constrained(Discriminator):
    """The stub with TGAN's constraint, every five updates."""

    constrain_every: int = 5

    @nn.nowrap
    def constrain(self, params, stats):
        return tgan.Discriminator().constrain(params, stats)


def run(update, gan):
    return quick_jit(partial(update, gan))


def constrained_gan():
    return make_gan(sgd=True, discriminator=Constrained())


@pytest.fixture(scope="module")
def history():
    """States before and after each of six discriminator updates, from large kernels."""
    gan = constrained_gan()
    state = drawn_state(gan)
    for layer in ("dense", "output"):
        state.discriminator.params[layer]["kernel"] *= 100
    state.discriminator.params["norm"]["scale"] *= 3
    update, states = run(discriminator_update, gan), [state]
    for number in range(6):
        state = update(state, BATCH, jax.random.key(number))[0]
        state = state.replace(step=state.step + 1)
        states.append(state)
    return states


def norms(state):
    params = state.discriminator.params
    return [np.linalg.norm(params[layer]["kernel"], 2) for layer in ("dense", "output")]


def gains(state):
    """Over the running standard deviation."""
    variables = state.discriminator
    return variables.params["norm"]["scale"] / np.sqrt(
        variables.stats["batch_stats"]["norm"]["var"]
    )


def test_the_fifth_update_ends_within_the_constraint(history):
    assert max(norms(history[5])) <= 1 + 1e-5
    ratio = gains(history[5])
    assert ratio.min() >= 0.01 * (1 - 1e-5) and ratio.max() <= 1 + 1e-5


@pytest.mark.parametrize("updates", [1, 2, 3, 4])
def test_the_updates_before_it_do_not(history, updates):
    assert min(norms(history[updates])) > 1.5
    assert gains(history[updates]).max() > 1.01


def test_the_constraint_comes_after_the_update_and_sees_its_statistics(history):
    free = run(discriminator_update, make_gan(sgd=True))(history[4], BATCH, jax.random.key(4))[0]
    stats = free.discriminator.stats
    expected = leaves(tgan.Discriminator().constrain(free.discriminator.params, stats))
    found = leaves(history[5].discriminator.params)
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6)
    assert equal(history[5].discriminator.opt_state, free.discriminator.opt_state)


@pytest.mark.parametrize("updates", [0, 5])
def test_other_updates_are_those_of_a_module_without_one(history, updates):
    free = run(discriminator_update, make_gan(sgd=True))
    expected = leaves(free(history[updates], BATCH, jax.random.key(updates))[0].discriminator)
    found = leaves(history[updates + 1].discriminator)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6)


def test_the_generators_update_leaves_the_discriminator_as_it_is(history):
    after, _ = run(generator_update, constrained_gan())(history[4], BATCH, jax.random.key(0))
    assert equal(after.discriminator.params, history[4].discriminator.params)
