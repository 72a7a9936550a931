"""The training step, on two-layer networks whose arithmetic the tests repeat in NumPy."""

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from ssagan_jax import models
from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.config.schema import OptimizerConfig
from ssagan_jax.training import from_config
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.step import (
    discriminator_update,
    generator_update,
)
from ssagan_jax.types import Generated, Judged
from tests.helpers import reference
from tests.helpers.stubs import (
    Discriminator,
    Generator,
    clips,
    drawn_state,
    equal,
    leaves,
    make_gan,
    quick_jit,
    train_step,
)

BATCH = clips()
REAL = BATCH.astype(np.float32) / 127.5 - 1
FLOATS = {"clip": jnp.asarray(REAL)}
RNG = jax.random.key(7)
AUTHOR = {"wasserstein": 1.0, "gradient_penalty": 10.0}


@pytest.fixture(scope="module")
def gan():
    return make_gan(sgd=True)


@pytest.fixture(scope="module")
def before(gan):
    return drawn_state(gan)


@pytest.fixture(scope="module")
def after_d(gan, before):
    return quick_jit(partial(discriminator_update, gan))(before, FLOATS, RNG)


@pytest.fixture(scope="module")
def after_g(gan, before):
    return quick_jit(partial(generator_update, gan))(before, FLOATS, RNG)


def run(gan, state, *, update_generator=True):
    step = quick_jit(partial(train_step, gan, update_generator=update_generator))
    return step(state, {"clip": jnp.asarray(BATCH)})


# The stub networks in NumPy, in training mode. Each also returns what its batch norm saw.


def generate(params, frame):
    hidden = frame @ params["dense"]["kernel"]
    x = np.tanh(reference.batch_norm(hidden, **params["norm"]))
    return np.moveaxis(x.reshape(*x.shape[:3], 2, 3), 3, 1), hidden


def judge(params, clip, *, sigmoid=False):
    hidden = clip @ params["dense"]["kernel"]
    x = reference.leaky_relu(reference.batch_norm(hidden, **params["norm"]), 0.2)
    logits = x.mean((1, 2, 3)) @ params["output"]["kernel"] + params["output"]["bias"]
    return reference.sigmoid(logits) if sigmoid else logits, hidden


def moved(stats, hidden):
    """Running statistics after one more training-mode pass."""
    flat = hidden.reshape(-1, hidden.shape[-1])
    return {
        "mean": 0.9 * stats["mean"] + 0.1 * flat.mean(0),
        "var": 0.9 * stats["var"] + 0.1 * flat.var(0, ddof=1),
    }


def running(net):
    return net.stats["batch_stats"]["norm"]


def assert_close(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6)


# Who moves


def test_the_discriminators_update_leaves_the_generators_parameters(before, after_d):
    after, _ = after_d
    assert equal(after.generator.params, before.generator.params)
    assert equal(after.generator.opt_state, before.generator.opt_state)
    old, new = leaves(before.discriminator.params), leaves(after.discriminator.params)
    assert not any(np.array_equal(old[name], new[name]) for name in old)


def test_the_generators_update_leaves_the_discriminators_parameters(before, after_g):
    after, _ = after_g
    assert equal(after.discriminator.params, before.discriminator.params)
    assert equal(after.discriminator.opt_state, before.discriminator.opt_state)
    assert not equal(after.generator.params, before.generator.params)


@pytest.mark.parametrize("update_generator", [False, True])
def test_optimizer_states_move_with_their_own_player(update_generator):
    gan = make_gan(ema_decay=0.9)
    before = drawn_state(gan)
    after, metrics = run(gan, before, update_generator=update_generator)
    assert after.discriminator.opt_state.count == 1
    assert after.generator.opt_state.count == int(update_generator)
    same = equal(after.generator.params, before.generator.params)
    assert same != update_generator
    assert equal(after.ema_params, before.ema_params) != update_generator
    assert any(name.startswith("g/") for name in metrics) == update_generator
    assert after.step == before.step + 1


# Statistics


def test_the_discriminators_statistics_see_the_real_clips_then_the_fake_ones(before, after_d):
    params = before.discriminator.params
    fake, hidden = generate(before.generator.params, REAL[:, 0])
    stats = moved(running(before.discriminator), judge(params, REAL)[1])
    stats = moved(stats, judge(params, fake)[1])
    assert_close(running(after_d[0].discriminator), stats)
    assert_close(running(after_d[0].generator), moved(running(before.generator), hidden))


def test_in_the_generators_update_they_see_the_fake_clips_once(before, after_g):
    fake, hidden = generate(before.generator.params, REAL[:, 0])
    seen = judge(before.discriminator.params, fake)[1]
    stats = moved(running(before.discriminator), seen)
    assert_close(running(after_g[0].discriminator), stats)
    assert_close(running(after_g[0].generator), moved(running(before.generator), hidden))


def test_the_gradient_penalty_leaves_no_trace_in_them(before, after_d):
    gan = make_gan(sgd=True, discriminator_losses={"vanilla": 1.0, "gradient_penalty": 10.0})
    after, _ = quick_jit(partial(discriminator_update, gan))(before, FLOATS, RNG)
    assert_close(running(after.discriminator), running(after_d[0].discriminator))
    assert not equal(after.discriminator.params, after_d[0].discriminator.params)


class Counter(nn.Module):
    """A discriminator whose scores grow with every clip it is shown."""

    size: int = 12
    frames: int = 2

    @nn.compact
    def __call__(self, clip, *, train):
        shown = self.variable("seen", "shown", jnp.zeros, ())
        shown.value += 1
        gain = self.param("gain", nn.initializers.ones, ())
        return Judged(logits=gain * shown.value * clip.sum((1, 2, 3, 4))[:, None])


def test_what_the_discriminator_is_shown_and_with_which_statistics():
    """Real, fake, between (forgotten); then fake."""
    gan = make_gan(
        sgd=True,
        discriminator=Counter(),
        discriminator_losses={"wasserstein": 1.0, "gradient_penalty": 1.0},
        generator_losses={"wasserstein": 1.0},
        learning_rate=lambda step: jnp.zeros(()),
    )
    before = drawn_state(gan)
    before.discriminator.params["gain"] = np.float32(0.01)
    before.discriminator.stats["seen"]["shown"] = np.float32(0)
    fake, _ = generate(before.generator.params, REAL[:, 0])
    real, fake = (0.01 * x.sum((1, 2, 3, 4)).mean() for x in (REAL, fake))
    after, metrics = run(gan, before)
    assert metrics["d/wasserstein"] == pytest.approx(2 * fake - real, rel=1e-3, abs=1e-4)
    slope = 3 * 0.01 * np.sqrt(REAL[0].size)
    assert metrics["d/gradient_penalty"] == pytest.approx((slope - 1) ** 2, rel=1e-4, abs=1e-5)
    assert metrics["g/wasserstein"] == pytest.approx(-3 * fake, rel=1e-3, abs=1e-4)
    assert after.discriminator.stats["seen"]["shown"] == 3


# Gradients and what follows from them


def d_loss(params, fake):
    on_real, on_fake = judge(params, REAL)[0], judge(params, fake)[0]
    return reference.softplus(-on_real).mean() + reference.softplus(on_fake).mean()


def g_loss(params, d_params):
    fake, _ = generate(params, REAL[:, 0])
    adversarial = reference.softplus(-judge(d_params, fake)[0]).mean()
    return adversarial + 10 * np.abs(fake - REAL).mean()


def gradient(before, after):
    """Of plain gradient descent at the rate 0.1, in double precision."""
    return jax.tree.map(
        lambda x, y: (np.float64(x) - np.float64(y)) / 0.1, before.params, after.params
    )


def along(params, direction, distance):
    return jax.tree.map(lambda p, d: np.float64(p) + distance * d, params, direction)


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_the_update_follows_the_gradient_of_the_weighted_losses(before, after_d, after_g, player):
    after, metrics = after_d if player == "discriminator" else after_g
    net = getattr(before, player)
    slope = gradient(net, getattr(after, player))
    if player == "discriminator":
        loss = partial(d_loss, fake=generate(before.generator.params, REAL[:, 0])[0])
    else:
        loss = partial(g_loss, d_params=before.discriminator.params)
    squared = sum(np.sum(leaf**2) for leaf in jax.tree.leaves(slope))
    step = 1e-7 / np.sqrt(squared)  # so small that hardly a leaky ReLU changes sides
    ahead, behind = (loss(along(net.params, slope, s)) for s in (step, -step))
    assert (ahead - behind) / (2 * step) == pytest.approx(squared, rel=1e-2)
    prefix = player[0]
    assert metrics[f"{prefix}/gradient_norm"] == pytest.approx(np.sqrt(squared), rel=1e-3)
    assert metrics[f"{prefix}/total"] == pytest.approx(loss(net.params), rel=1e-4)


def test_terms_are_reported_before_weighting(before, after_g):
    fake, _ = generate(before.generator.params, REAL[:, 0])
    metrics = after_g[1]
    assert metrics["g/l1"] == pytest.approx(np.abs(fake - REAL).mean(), rel=1e-4)
    total = metrics["g/vanilla"] + 10 * metrics["g/l1"]
    assert metrics["g/total"] == pytest.approx(float(total), rel=1e-5)
    assert set(metrics) == {"g/vanilla", "g/l1", "g/total", "g/gradient_norm"}


def test_the_fake_clips_carry_no_gradient_to_the_generator(gan, before):
    def total(params):
        state = before.replace(generator=before.generator.replace(params=params))
        return discriminator_update(gan, state, FLOATS, RNG)[1]["d/total"]

    slope = quick_jit(jax.grad(total))(before.generator.params)
    assert not any(np.any(leaf) for leaf in jax.tree.leaves(slope))


def test_adams_first_update_is_the_rate_times_the_gradients_sign(before, after_d):
    adam = make_gan()
    after, _ = quick_jit(partial(discriminator_update, adam))(drawn_state(adam), FLOATS, RNG)
    slopes = leaves(gradient(before.discriminator, after_d[0].discriminator))
    old, new = leaves(before.discriminator.params), leaves(after.discriminator.params)
    for name, slope in slopes.items():
        large = np.abs(slope) > 1e-5  # where the 1e-8 beside the root does not count
        assert large.any(), name
        change = (np.float64(new[name]) - old[name])[large]
        np.testing.assert_allclose(change, -2e-4 * np.sign(slope[large]), rtol=1e-2)


def test_the_average_keeps_decay_of_itself():
    gan = make_gan(ema_decay=0.75)
    before = drawn_state(gan)
    before = before.replace(ema_params=jax.tree.map(lambda x: x + 1, before.ema_params))
    after, _ = run(gan, before)
    expected = jax.tree.map(
        lambda e, p: 0.75 * e + 0.25 * p, before.ema_params, after.generator.params
    )
    assert_close(leaves(after.ema_params), leaves(expected))


def test_running_statistics_are_averaged_like_the_parameters():
    gan = make_gan(ema_decay=0.75)
    before = drawn_state(gan)
    before = before.replace(ema_stats=jax.tree.map(lambda x: x + 1, before.ema_stats))
    after, _ = run(gan, before)
    expected = jax.tree.map(
        lambda e, s: 0.75 * e + 0.25 * s,
        before.ema_stats["batch_stats"],
        after.generator.stats["batch_stats"],
    )
    assert_close(leaves(after.ema_stats), leaves({"batch_stats": expected}))
    assert equal(after.inference, {"params": after.ema_params, **after.ema_stats})


def test_without_decay_there_is_no_average(gan, before):
    after = run(gan, before)[0]
    assert after.ema_params is None and after.ema_stats is None
    assert equal(after.inference, after.generator.variables)


@pytest.mark.parametrize(("step", "rate"), [(0, 0.1), (9, 0.1), (10, 0.01), (20, 0.001)])
def test_the_rate_falls_at_the_boundaries_for_both_networks(
    gan, before, after_d, after_g, step, rate
):
    options = OptimizerConfig("sgd", 0.1, 0.5, 0.9, boundaries=(10, 20), scale=0.1)
    gan = dataclasses.replace(gan, learning_rate=from_config.learning_rate(options))
    state = before.replace(step=jnp.int32(step))
    plain = {
        "discriminator": (discriminator_update, after_d),
        "generator": (generator_update, after_g),
    }
    for player, (update, (at_a_tenth, _)) in plain.items():
        after, _ = quick_jit(partial(update, gan))(state, FLOATS, RNG)
        new, old = getattr(after, player).params, getattr(before, player).params
        expected = along(old, gradient(getattr(before, player), getattr(at_a_tenth, player)), -rate)
        for found, wanted in zip(*map(jax.tree.leaves, (new, expected)), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


# The whole step


def test_the_generator_is_moved_against_the_moved_discriminator(gan, before):
    """One step is the two updates, one after the other, with keys from the run's and the step."""
    state = before.replace(step=jnp.int32(5))
    after, metrics = run(gan, state)
    key = jax.random.fold_in(jax.random.wrap_key_data(jnp.asarray(state.rng)), 5)
    d_rng, g_rng = jax.random.split(key)
    state, d_metrics = quick_jit(partial(discriminator_update, gan))(state, FLOATS, d_rng)
    state, g_metrics = quick_jit(partial(generator_update, gan))(state, FLOATS, g_rng)
    assert after.step == 6
    assert_close(leaves(after.generator), leaves(state.generator))
    assert_close(leaves(after.discriminator), leaves(state.discriminator))
    assert_close(metrics, d_metrics | g_metrics)
    assert np.array_equal(after.rng, before.rng)


def test_uint8_and_float_batches_are_the_same(gan, before):
    step = quick_jit(partial(train_step, gan, update_generator=True))
    one, _ = step(before, {"clip": jnp.asarray(BATCH)})
    other, _ = step(before, FLOATS)
    assert_close(leaves(one), leaves(other))


class Listener(nn.Module):
    """A generator that keeps the key it was given for its noise."""

    size: int = 12
    frames: int = 2

    @nn.compact
    def __call__(self, frame, *, train):
        key = self.variable("seen", "key", jnp.zeros, (2,), jnp.uint32)
        key.value = jax.random.key_data(self.make_rng("noise"))
        clip = jnp.repeat(frame[:, None], self.frames, axis=1)
        return Generated(clip=clip * self.param("gain", nn.initializers.ones, ()))


def test_every_update_of_every_step_has_a_noise_key_of_its_own():
    gan = make_gan(sgd=True, generator=Listener())
    state, seen = drawn_state(gan), set()
    for step in range(3):
        for flag in (False, True):
            after, _ = run(gan, state.replace(step=jnp.int32(step)), update_generator=flag)
            seen.add(tuple(after.generator.stats["seen"]["key"].tolist()))
    assert len(seen) == 6


def test_the_authors_recipe_by_hand():
    config = resolve(loading.load("configs/ssagan.py:recipe=author,tiny"))
    gan = dataclasses.replace(
        build_gan(config),
        generator=Generator(),
        discriminator=Discriminator(sigmoid=config.discriminator.options["sigmoid"]),
    )
    before = drawn_state(gan)
    before.discriminator.params["output"]["kernel"] *= 200  # or the slope were next to nothing
    after, metrics = run(gan, before)
    params = before.discriminator.params
    fake, _ = generate(before.generator.params, REAL[:, 0])
    on_real, on_fake = judge(params, REAL, sigmoid=True)[0], judge(params, fake, sigmoid=True)[0]
    wasserstein = on_fake.mean() - on_real.mean()
    assert metrics["d/wasserstein"] == pytest.approx(wasserstein, rel=1e-3, abs=1e-5)

    d_rng, _ = jax.random.split(jax.random.fold_in(jax.random.wrap_key_data(before.rng), 0))
    alpha = np.asarray(jax.random.uniform(jax.random.split(d_rng)[1], (4, 1, 1, 1, 1)))
    between = REAL + alpha * (fake - REAL)
    slope = penalised_slope(params, between)
    penalty = np.mean((np.linalg.norm(slope.reshape(4, -1), axis=1) - 1) ** 2)
    assert penalty < 0.95
    assert metrics["d/gradient_penalty"] == pytest.approx(penalty, rel=1e-4)
    assert metrics["d/total"] == pytest.approx(wasserstein + 10 * penalty, rel=1e-4)

    on_fake, _ = judge(after.discriminator.params, fake, sigmoid=True)
    assert metrics["g/wasserstein"] == pytest.approx(-on_fake.mean(), rel=1e-3)
    assert metrics["g/l1"] == pytest.approx(np.abs(fake - REAL).mean(), rel=1e-4)
    parts = metrics["g/wasserstein"] + metrics["g/l1"] + metrics["g/ssim"]  # all of weight 1
    assert metrics["g/total"] == pytest.approx(float(parts), rel=1e-5)
    assert 0 < metrics["g/ssim"] < 2


def penalised_slope(params, clip):
    """The gradient of the summed scores: through sigmoid, mean, leaky ReLU, batch norm, dense."""
    logits, hidden = judge(params, clip)
    normed = reference.batch_norm(hidden, **params["norm"])
    score = reference.sigmoid(logits)
    per_logit = (score * (1 - score)) @ params["output"]["kernel"].T  # [b, channels]
    slope = per_logit[:, None, None, None] / np.prod(clip.shape[1:4])
    slope = slope * np.where(normed > 0, 1, 0.2) * params["norm"]["scale"]
    axes = (0, 1, 2, 3)  # batch norm: the batch's mean and variance move with the clip
    centred = (hidden - hidden.mean(axes)) / np.sqrt(hidden.var(axes) + 1e-5)
    slope = slope - slope.mean(axes) - centred * (slope * centred).mean(axes)
    slope = slope / np.sqrt(hidden.var(axes) + 1e-5)
    return slope @ params["dense"]["kernel"].T


# The real networks, at their smallest


@pytest.fixture(scope="module")
def real_run():
    """States before, after one and after two steps. Adam moves whatever has a gradient."""
    size = dict(size=32, frames=8, features=2)
    gan = make_gan(
        generator=models.generator("ssagan", **size),
        discriminator=models.discriminator("mdgan", **size),
    )
    batch = {"clip": jnp.asarray(clips(2, size=32, frames=8))}
    step = quick_jit(partial(train_step, gan, update_generator=True))
    states = [drawn_state(gan)]
    for _ in range(2):
        state, metrics = step(states[-1], batch)
        assert all(np.isfinite(value) for value in metrics.values())
        states.append(state)
    return states


@pytest.mark.slow
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_every_parameter_has_a_gradient_within_two_steps(real_run, player):
    first, _, last = (leaves(getattr(state, player).params) for state in real_run)
    # A softmax does not see what is added to all of a query's scores: a key's bias.
    without = [n for n in first if "key/bias" not in n and np.array_equal(first[n], last[n])]
    assert not without


@pytest.mark.slow
def test_gamma_moves_first_and_what_it_gates_follows(real_run):
    first, second, last = (leaves(state.generator.params) for state in real_run)
    for place in ("attention_encoder1", "attention_decoder3"):
        assert first[f"{place}/gamma"] != second[f"{place}/gamma"]
        for name in ("query", "key", "value"):
            path = f"{place}/{name}/kernel"
            assert np.array_equal(first[path], second[path])
            assert not np.array_equal(second[path], last[path])
