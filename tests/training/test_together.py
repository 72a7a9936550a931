"""Both networks updated out of one pass: each as if the other were not."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.training.full_checkpoints import Checkpoints
from ssagan_jax.training.step import (
    discriminator_update,
    generator_update,
    together_step,
    together_update,
)
from tests.helpers.stubs import (
    clips,
    drawn_state,
    equal,
    leaves,
    make_gan,
    quick_jit,
    train_step,
)

BATCH = {"clip": jnp.asarray(clips())}
FLOATS = {"clip": jnp.asarray(clips() / np.float32(127.5) - 1)}
NAN = {"clip": jnp.full_like(FLOATS["clip"], jnp.nan)}


def together(**changes):
    return make_gan(sgd=True, together=True, **changes)


def run(gan, state):
    return quick_jit(partial(together_step, gan))(state, BATCH)


@pytest.fixture(scope="module")
def before():
    return drawn_state(make_gan(sgd=True))


@pytest.fixture(scope="module")
def after(before):
    return run(together(), before)


@pytest.fixture(scope="module")
def alone(before):
    """What each player's own update makes of the same state."""
    gan, rng = make_gan(sgd=True), jax.random.key(0)
    updates = {"generator": generator_update, "discriminator": discriminator_update}
    return {
        role: quick_jit(partial(update, gan))(before, FLOATS, rng)
        for role, update in updates.items()
    }


def assert_close(found, expected, *, atol=1e-6):
    found, expected = leaves(found), leaves(expected)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=atol, err_msg=name)


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_each_is_updated_as_if_the_other_were_not(before, after, alone, role):
    state, metrics = after
    expected, terms = alone[role]
    assert_close(getattr(state, role).params, getattr(expected, role).params)
    assert not equal(getattr(state, role).params, getattr(before, role).params)
    assert_close({name: metrics[name] for name in terms}, terms)


def test_the_generator_does_not_meet_the_new_discriminator(before, after):
    turns, _ = quick_jit(partial(train_step, make_gan(sgd=True), update_generator=True))(
        before, BATCH
    )
    old, one, other = (s.generator.params["dense"]["kernel"] for s in (before, after[0], turns))
    assert np.abs(one - other).max() > 1e-3 * np.abs(one - old).max()


def test_it_counts_as_one_step_of_both(after):
    state, metrics = after
    assert state.step == 1
    names = {name.partition("/")[0] for name in metrics}
    assert names == {"g", "d"} and {"g/gradient_norm", "d/gradient_norm"} <= metrics.keys()


def test_statistics_see_the_photos_once_and_the_fake_clips_before_the_real_ones(
    before, after, alone
):
    state, _ = after
    assert_close(state.generator.stats, alone["generator"][0].generator.stats)
    # The generator's own update leaves those that saw the fake clips alone.
    fake = alone["generator"][0].discriminator.stats["batch_stats"]["norm"]
    rows = FLOATS["clip"].reshape(-1, 3) @ before.discriminator.params["dense"]["kernel"]
    expected = {
        "mean": 0.9 * fake["mean"] + 0.1 * rows.mean(0),
        "var": 0.9 * fake["var"] + 0.1 * rows.var(0, ddof=1),
    }
    assert_close(state.discriminator.stats["batch_stats"]["norm"], expected, atol=1e-5)


def test_parts_of_a_batch_are_averaged(after):
    """The stubs' batch norm sees one part at a time, which changes little of these clips."""
    gan = together(micro_batches=2, ema_decay=0.5)
    old = drawn_state(gan)
    state, metrics = run(gan, old)
    assert metrics.keys() == after[1].keys()
    for name, value in metrics.items():
        np.testing.assert_allclose(value, after[1][name], rtol=0.3, err_msg=name)
    mean = jax.tree.map(lambda a, b: (a + b) / 2, old.ema_params, state.generator.params)
    assert_close(state.ema_params, mean)


def test_a_run_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(tmp_path):
    gan = make_gan(together=True, ema_decay=0.5)
    step, state = quick_jit(partial(together_step, gan)), drawn_state(gan)
    batches = [{"clip": jnp.asarray(clips(seed=seed))} for seed in range(4)]
    for batch in batches[:2]:
        state, _ = step(state, batch)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(2, state, data={}, config={})
    checkpoints.wait()
    restored, _ = checkpoints.restore(2, jax.eval_shape(lambda: state))
    checkpoints.close()
    for batch in batches[2:]:
        state, metrics = step(state, batch)
        restored, again = step(restored, batch)
        assert equal(again, metrics)
    assert equal(restored, state) and state.step == 4


def test_an_update_that_is_not_finite_is_left_out_of_both(before):
    update = quick_jit(partial(together_update, together(skip_non_finite=True)))
    state, metrics = update(before, NAN, jax.random.key(0))
    assert equal(state, before)
    assert metrics["g/skipped"] == metrics["d/skipped"] == 1
    kept, metrics = update(before, FLOATS, jax.random.key(0))
    assert metrics["g/skipped"] == metrics["d/skipped"] == 0
    assert not equal(kept, before)
