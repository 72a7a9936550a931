"""Parts of a network that training leaves as they are."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn

from ssagan_jax.training.state import create
from ssagan_jax.types import Generated
from tests.helpers.stubs import (
    FRAMES,
    SIZE,
    clips,
    drawn_state,
    equal,
    leaves,
    make_gan,
    quick_jit,
    train_step,
)


class TwoParts(nn.Module):
    """Two layers in a row."""

    size: int = SIZE
    frames: int = FRAMES
    frozen: tuple[str, ...] = ("first",)

    @nn.compact
    def __call__(self, frame, *, train):
        x = nn.Dense(3, name="second")(nn.tanh(nn.Dense(4, name="first")(frame)))
        return Generated(clip=jnp.repeat(x[:, None], self.frames, axis=1))


def trained(steps=2, **changes):
    """The states before and after some steps, and the last metrics."""
    gan = make_gan(**changes)
    before = state = drawn_state(gan)
    step = quick_jit(partial(train_step, gan, update_generator=True))
    for _ in range(steps):
        state, metrics = step(state, {"clip": jnp.asarray(clips())})
    return before, state, metrics


@pytest.fixture(scope="module")
def run():
    return trained(generator=TwoParts(), ema_decay=0.7)


def test_frozen_parameters_stay_the_same_to_the_bit(run):
    before, after, _ = run
    assert equal(after.generator.params["first"], before.generator.params["first"])
    old, new = leaves(before.generator.params["second"]), leaves(after.generator.params["second"])
    assert not any(np.array_equal(old[name], new[name]) for name in old)


def test_so_does_their_average(run):
    before, after, _ = run
    assert equal(after.ema_params["first"], before.ema_params["first"])
    assert after.ema_params.keys() == after.generator.params.keys()
    assert not equal(after.ema_params["second"], before.ema_params["second"])


def test_the_optimizer_keeps_nothing_for_them(run):
    _, after, _ = run
    assert list(after.generator.opt_state.mu) == ["second"]
    assert set(after.discriminator.opt_state.mu) == set(after.discriminator.params)
    fresh = jax.eval_shape(partial(create, make_gan(generator=TwoParts())), 0)
    assert list(fresh.generator.opt_state.nu) == ["second"]


def test_parts_that_are_not_frozen_move():
    before, after, _ = trained(1, generator=TwoParts(frozen=()))
    assert not equal(after.generator.params["first"], before.generator.params["first"])


def test_the_gradients_norm_is_of_what_is_trained():
    before, after, metrics = trained(1, generator=TwoParts(), sgd=True)
    change = jax.tree.map(
        lambda x, y: (x - y) / 0.1, before.generator.params, after.generator.params
    )
    assert metrics["g/gradient_norm"] == pytest.approx(float(optax.tree.norm(change)), rel=1e-3)
    assert metrics["g/gradient_norm"] > 0
