"""The variables of a network: made for the first time, and told apart."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from ssagan_jax.models.layers.pooled_initialization import draw_by_key
from ssagan_jax.models.variables import (
    frozen,
    given_hints,
    initialise,
    running,
    split_frozen,
    takes_mask,
)
from tests.helpers.stubs import Generator, leaves


class Staged(nn.Module):
    frozen: tuple[str, ...] = ("a",)


def test_frozen_parts_are_told_from_the_others():
    params = {"a": np.ones(2), "b": {"c": np.ones(3)}}
    assert frozen(Staged()) == ("a",)
    assert split_frozen(Staged(), params) == ({"b": params["b"]}, {"a": params["a"]})


def test_a_network_without_frozen_parts_is_trained_whole():
    params = {"a": np.ones(2), "b": {"c": np.ones(3)}}
    assert split_frozen(nn.Dense(1), params) == (params, {})


def test_a_network_is_given_the_hints_that_it_takes():
    class Masked(nn.Module):
        takes_mask = True

    class Both(Masked):
        takes_wind = True

    asked = {module: given_hints(module(), wind=1, mask=2) for module in (Staged, Masked, Both)}
    assert list(asked.values()) == [{}, {"mask": 2}, {"wind": 1, "mask": 2}]
    assert takes_mask(Masked()) and not takes_mask(Staged())


def test_initialise_tells_parameters_from_statistics():
    params, stats = initialise(Generator(), jax.random.key(0), jnp.zeros((1, 12, 12, 3)))
    assert set(leaves(params)) == {"dense/kernel", "norm/bias", "norm/scale"}
    assert set(leaves(stats)) == {"batch_stats/norm/mean", "batch_stats/norm/var"}
    assert running({**stats, "spectral": {}}) == stats


def test_initialise_draws_as_it_is_told_and_needs_no_devices():
    def draw(kind, key, shape, dtype=float):
        return 3 + 0 * draw_by_key(kind, key, shape, dtype)

    shared = Generator().clone(compute=Generator().compute.__class__(axis_names=("data",)))
    params, _ = initialise(shared, jax.random.key(0), jnp.zeros((1, 12, 12, 3)), draw=draw)
    np.testing.assert_allclose(params["norm"]["scale"], 1 + 0.02 * 3)
