"""Where numbers that are not finite are found, and what a run does then."""

import functools
import json
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.config.schema import NonFiniteConfig
from ssagan_jax.distributed.sharding import batch_sharding, make_mesh
from ssagan_jax.training import samples, step
from ssagan_jax.training.clips import Data
from ssagan_jax.training.full_checkpoints import Checkpoints
from ssagan_jax.training.guards import guarding
from ssagan_jax.training.non_finite import NonFiniteError, Policy, non_finite_arrays
from ssagan_jax.training.run import Run
from ssagan_jax.training.signals import StopSignal
from tests.helpers.runs import new
from tests.helpers.stubs import clips, drawn_state, equal, make_gan, quick_jit

ONE, NAN = np.float32(1), np.float32("nan")


def policy(name, limit=2):
    return Policy(NonFiniteConfig(policy=name, limit=limit))


@pytest.mark.parametrize("value", [jnp.nan, jnp.inf, -jnp.inf])
def test_arrays_are_named_as_a_checkpoint_names_them(value):
    state = new()
    assert non_finite_arrays(state) == []
    kernel = state.generator.params["dense"]["kernel"].at[0, 0].set(value)
    params = {**state.generator.params, "dense": {"kernel": kernel}}
    broken = state.replace(generator=state.generator.replace(params=params))
    assert non_finite_arrays(broken) == ["generator/params/dense/kernel"]
    with pytest.raises(NonFiniteError, match=r"Step 7: generator/params/dense/kernel is not fin"):
        policy("stop").check_state(7, broken)


@pytest.mark.parametrize("name", ["stop", "skip", "rollback"])
def test_the_first_step_with_a_metric_that_is_not_finite_is_an_error(name):
    pending = [(1, {"a": ONE}), (2, {"b": NAN, "a": ONE, "c": np.float32("inf")}), (3, {"a": NAN})]
    with pytest.raises(NonFiniteError, match=r"Step 2: b, c are not finite") as error:
        policy(name).checked(pending)
    assert error.value.pending == pending[:2]


def test_metrics_of_updates_left_out_are_left_out_and_counted():
    checks = policy("skip")
    pending = [
        (1, {"d/total": NAN, "d/skipped": ONE, "g/total": ONE, "g/skipped": np.float32(0)}),
        (2, {"d/total": ONE, "d/skipped": np.float32(0)}),
    ]
    assert checks.checked(pending) == [(1, {"g/total": ONE}), (2, {"d/total": ONE})]
    assert checks.counts() == {"skipped": 1}
    assert checks.checked(pending[1:]) == [(2, {"d/total": ONE})]
    assert checks.counts() == {"skipped": 0}


def test_more_updates_in_a_row_than_the_limit_stop_the_run():
    checks, out = policy("skip"), {"g/total": NAN, "g/skipped": ONE}
    good = {"g/total": ONE, "g/skipped": np.float32(0)}
    checks.checked([(1, out), (2, out), (3, good), (4, out)])
    checks.checked([(5, out)])
    with pytest.raises(NonFiniteError, match="Step 6: more than 2 updates in a row are not finite"):
        checks.checked([(6, out)])


def test_updates_of_the_other_player_between_do_not_count_for_a_player():
    """The generator's every update is left out, and five of the discriminator's are whole."""
    checks, good = policy("skip"), {"d/total": ONE, "d/skipped": np.float32(0)}
    out = {**good, "g/total": NAN, "g/skipped": ONE}
    steps = [(step, out if step % 5 == 0 else good) for step in range(1, 16)]
    with pytest.raises(NonFiniteError, match="Step 15: more than 2 updates in a row are not fin"):
        checks.checked(steps)


def test_the_report_names_step_terms_norms_rate_and_what_was_tried():
    checks = policy("rollback")
    checks.tried = ["Step 30: d/total is not finite. Back at step 20"]
    terms = {"d/total": ONE, "g/gradient_norm": NAN}
    fault = NonFiniteError(
        42, "g/gradient_norm is", [(40, {}), (41, {"d/total": ONE}), (42, terms)]
    )
    assert checks.report(fault, rate=2e-4, good="run/checkpoints/20").splitlines() == [
        "Step 42: g/gradient_norm is not finite. Last good checkpoint: run/checkpoints/20.",
        "  step 41: d/total 1",
        "  step 42: d/total 1  g/gradient_norm nan",
        "  learning rate: 0.0002; config.non_finite: rollback",
        "  tried: Step 30: d/total is not finite. Back at step 20",
        "A lower config.optimizer.learning_rate or another recipe may help.",
    ]


def test_a_way_back_is_forgotten_once_a_later_state_was_saved():
    checks, state = policy("rollback", limit=1), new()
    back = checks.roll_back(NonFiniteError(42, "d/total is"), 40, state)
    assert not np.array_equal(back.rng, state.rng) and not checks.may_roll_back()
    checks.saved(42)
    assert not checks.may_roll_back()
    checks.saved(50)
    assert checks.may_roll_back() and checks.counts() == {"rollbacks": 1}


# The drills: a run of the stub networks, whose clips are floats so that one may be broken.


class Clips(Data):
    """Batches of noise; those with these numbers are not finite."""

    def __init__(self, broken=()):
        self.taken, self.broken = 0, broken

    batches = property(lambda self: self)

    @property
    def position(self):
        return {"taken": self.taken}

    def __next__(self):
        self.taken += 1
        clip = np.float32(clips(2, seed=self.taken)) / 127.5 - 1
        return {"clip": np.full_like(clip, np.nan) if self.taken in self.broken else clip}


@functools.cache
def compiled(**changes):
    """Both steps of the stub networks, with changes in what stays the same."""
    gan = make_gan(ema_decay=0.9, **changes)
    example = (
        jax.eval_shape(lambda: new()),
        jax.eval_shape(lambda: jax.tree.map(jnp.asarray, next(Clips()))),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, "to_float", lambda clip: clip)
        return {
            role: quick_jit(partial(step.STEPS[role], gan)).lower(*example).compile()
            for role in gan.programs
        }


def infinite_rate(step):
    """From the fifth update on, as of config.optimizer.learning_rate=1e39."""
    return jnp.where(step < 4, 2e-4, jnp.inf)


@pytest.fixture
def start(tmp_path, monkeypatch):
    """A function that trains for six steps from a policy, batches and steps: the last state."""

    def fit(name, data, steps, **changes):
        changes = {"log_every": 1, "checkpoint_every": 2, "sample_every": 0, **changes}
        changes |= {"num_steps": 6, "n_critic": 1, "non_finite": name, "non_finite_limit": 2}
        settings = loading.load("configs/ssagan.py:tiny")
        settings.update(changes)
        config, last = resolve(settings), {}
        with guarding(tmp_path, config.watchdog, StopSignal()) as guards:
            run = Run(config, tmp_path, data, guards)
            monkeypatch.setattr(run, "show", lambda *_, **__: None)
            monkeypatch.setattr(samples, "gammas", lambda params: {})
            run._open_writers(step=0)
            monkeypatch.setattr(run, "after_step", note(run.after_step, last))
            state = jax.tree.map(jnp.asarray, drawn_state(make_gan(ema_decay=0.9)))
            mesh = make_mesh((("data", 1),), jax.devices()[:1])
            try:
                run.fit(state, steps, batch_sharding(mesh, 2))
            finally:
                run.checkpoints.wait()
                run.close()
        return last["state"]

    def note(after_step, last):
        def noting(step, state, position):
            last["state"] = state
            after_step(step, state, position)

        return noting

    return fit


def steps_of(folder):
    return sorted(int(path.name) for path in (folder / "checkpoints").iterdir())


def saved(folder, step):
    manager = Checkpoints(folder)
    state, data = manager.restore(step, jax.eval_shape(lambda: new()))
    manager.close()
    return state, data


def lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_a_broken_batch_stops_the_run(start, tmp_path):
    with pytest.raises(FloatingPointError, match=r"Step 4: d/.*checkpoints/2\.\n  step 4: .*nan"):
        start("stop", Clips({4}), compiled())
    assert steps_of(tmp_path) == [2]
    assert not non_finite_arrays(saved(tmp_path, 2)[0])


def test_or_is_skipped(start, tmp_path, capsys):
    state = start("skip", Clips({4}), compiled(skip_non_finite=True))
    assert state.step == 6 and not non_finite_arrays(state)
    assert state.discriminator.opt_state.count == state.generator.opt_state.count == 5
    assert [line["skipped"] for line in lines(tmp_path)] == [0, 0, 0, 2, 0, 0]
    assert "d/total" not in lines(tmp_path)[3]
    assert "Step 4: left out the update of the discriminator and the generator" in (
        capsys.readouterr().out
    )


def test_out_of_one_pass_both_updates_are_skipped(start, tmp_path, capsys):
    steps = compiled(skip_non_finite=True, together=True)
    assert steps.keys() == {"together"}
    state = start("skip", Clips({4}), steps, updates="together")
    assert state.step == 6 and not non_finite_arrays(state)
    assert state.discriminator.opt_state.count == state.generator.opt_state.count == 5
    assert all(
        {"d/total", "g/total"} <= line.keys() for line in lines(tmp_path) if not line["skipped"]
    )
    assert "Step 4: left out the update of the discriminator and the generator" in (
        capsys.readouterr().out
    )


def test_until_too_many_are(start, tmp_path):
    with pytest.raises(FloatingPointError, match="Step 5: more than 2 updates in a row"):
        start("skip", Clips({3, 4, 5, 6}), compiled(skip_non_finite=True))
    assert steps_of(tmp_path) == [2, 4]


def test_or_the_run_goes_back_and_takes_other_clips(start, tmp_path):
    data = Clips({4})
    state = start("rollback", data, compiled())
    assert state.step == 6 and not non_finite_arrays(state)
    assert data.taken == 6 + 2 + 1  # two steps again, and the look-ahead
    assert [line["step"] for line in lines(tmp_path)] == [1, 2, 3, 4, 5, 6]
    assert [line["rollbacks"] for line in lines(tmp_path)] == [0, 0, 1, 1, 1, 1]
    drawn = drawn_state(make_gan(ema_decay=0.9)).rng
    assert not np.array_equal(state.rng, drawn)


def test_a_rate_that_is_too_high_ends_with_a_report_and_a_whole_checkpoint(start, tmp_path):
    with pytest.raises(FloatingPointError) as error:
        start("rollback", Clips(), compiled(learning_rate=infinite_rate))
    text = str(error.value)
    assert text.count("tried: Step 5: ") == 2 and "Back at step 4" in text
    assert f"Last good checkpoint: {tmp_path}/checkpoints/4." in text
    assert not non_finite_arrays(saved(tmp_path, 4)[0])


def test_before_the_first_checkpoint_it_goes_back_to_the_start(start, tmp_path):
    start("rollback", Clips({1}), compiled())
    assert 6 in steps_of(tmp_path)


def test_a_state_that_is_not_finite_is_not_saved_though_the_metrics_are(start, tmp_path):
    """Of the discriminator's fifth update nothing is seen in the losses yet."""
    steps = compiled(learning_rate=infinite_rate) | {"generator": lambda state, batch: (state, {})}
    with pytest.raises(FloatingPointError, match=r"Step 5: discriminator/params/.* more are not"):
        start("stop", Clips(), steps, checkpoint_every=1)
    assert steps_of(tmp_path) == [3, 4]
    assert not non_finite_arrays(saved(tmp_path, 4)[0])


# Skipping in the step itself.


def test_with_nothing_wrong_the_step_stays_the_same_to_the_bit():
    batch = next(Clips())
    for role in ("discriminator", "generator"):
        plain, metrics = compiled()[role](new(), batch)
        skipping, more = compiled(skip_non_finite=True)[role](new(), batch)
        assert equal(skipping, plain)
        assert equal(more, metrics | {f"{role[0]}/skipped": 0})


def test_an_update_left_out_leaves_all_as_it_was_but_the_step():
    batch = next(Clips({1}))
    for role, counted in {"discriminator": 1, "generator": 0}.items():
        state, metrics = compiled(skip_non_finite=True)[role](new(), batch)
        assert metrics[f"{role[0]}/skipped"] == 1
        assert equal(state, new().replace(step=new().step + counted))
