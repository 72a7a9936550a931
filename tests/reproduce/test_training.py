"""Rows are trained in order; one that fails or stops is told, and nothing is trained twice."""

import jax
import pytest

from ssagan_jax.reproduce import plan, tables, training
from ssagan_jax.reproduce.tables import Row
from tests.helpers.fake_runs import result, write_run

ROWS = (
    Row("a", "A", "ssagan"),
    Row("quoted", "only on the poster"),
    Row("b", "B", "ssagan", {"recipe": "hinge"}),
    Row("c", "C", "ssagan", {"recipe": "author"}),
)


@pytest.fixture
def options(tmp_path):
    return plan.Options(table="cloud", workdirs=tmp_path, budget="tiny")


@pytest.fixture
def trained(monkeypatch):
    """Names of the workdirs that ``train`` was called with; its outcome by name."""
    calls, outcomes = [], {}

    def train(config, workdir):
        calls.append(workdir.name)
        outcome = outcomes.get(workdir.name, {})
        if isinstance(outcome, Exception):
            raise outcome
        done = result(step=config.num_steps)
        write_run(workdir, None if outcome is None else done, config=config.to_dict())
        return outcome

    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(jax, "clear_caches", lambda: calls.append("cleared"))
    train.calls, train.outcomes = calls, outcomes
    return train


def names(calls):
    return [name for name in calls if name != "cleared"]


def test_every_row_with_a_config_is_trained_in_order(options, tmp_path, trained, capsys):
    outcome = training.train_rows(ROWS, options)
    assert names(trained.calls) == ["a", "b", "c"]
    assert trained.calls.count("cleared") == 3
    assert not outcome.failed and not outcome.stopped
    printed = capsys.readouterr().out
    assert "[2/3] b: ssagan train --config=" in printed
    record = training.read_record(tmp_path / "b")
    assert record["command"] in printed
    assert record["seconds"] >= 0 and "jax" in record["hardware"]
    assert record["code"].startswith(("commit", "version"))


def test_what_is_trained_is_not_trained_again(options, trained, capsys):
    training.train_rows(ROWS, options)
    training.train_rows(ROWS, options)
    assert names(trained.calls) == ["a", "b", "c"]
    assert "[1/3] a: trained already" in capsys.readouterr().out


def test_a_run_scored_half_way_goes_on(options, tmp_path, trained):
    config = plan.make_plan(ROWS[0], options).config().to_dict()
    write_run(tmp_path / "a", result(step=2), config=config)
    training.train_rows(ROWS[:1], options)
    assert names(trained.calls) == ["a"]


def test_a_row_that_fails_does_not_stop_the_others(options, trained, capsys):
    trained.outcomes["b"] = FloatingPointError("Step 3: g/l1 is not finite.")
    outcome = training.train_rows(ROWS, options)
    assert names(trained.calls) == ["a", "b", "c"]
    assert outcome.failed == {"b": "FloatingPointError: Step 3: g/l1 is not finite."}
    assert "[2/3] b: failed. FloatingPointError" in capsys.readouterr().out


def test_a_signal_stops_the_whole(options, trained, tmp_path):
    trained.outcomes["b"] = None
    outcome = training.train_rows(ROWS, options)
    assert names(trained.calls) == ["a", "b"]
    assert outcome.stopped and not outcome.failed


def test_a_workdir_of_another_configuration_is_a_failure(options, tmp_path, trained):
    config = plan.make_plan(ROWS[0], options).config().to_dict()
    write_run(tmp_path / "a", result(), config={**config, "batch_size": 99})
    outcome = training.train_rows(ROWS[:1], options)
    assert "batch_size: 99 there, 8 asked" in outcome.failed["a"]
    assert not names(trained.calls)


def test_seeds_are_trained_in_turn(tmp_path, trained):
    options = plan.Options(table="cloud", workdirs=tmp_path, budget="tiny", seeds=2)
    trained.outcomes["seed1"] = ValueError("no")
    outcome = training.train_rows(ROWS[:1], options)
    assert names(trained.calls) == ["seed0", "seed1"]
    assert outcome.failed == {"a/seed1": "ValueError: no"}


def test_time_adds_up_over_restarts(options, tmp_path, trained):
    training._record(tmp_path, "ssagan train", 10.4)
    training._record(tmp_path, "ssagan train", 20.4)
    assert training.read_record(tmp_path)["seconds"] == 30


def test_bounds_are_computed_once_whatever_the_seeds(tmp_path, trained, monkeypatch, capsys):
    missing = [True, False]
    asked = []
    monkeypatch.setattr(
        training.bounds,
        "score_missing_bounds",
        lambda folder, options: asked.append(folder) or missing.pop(0),
    )
    options = plan.Options(table="wind", workdirs=tmp_path, budget="tiny", seeds=2)
    rows = tables.select_rows("wind", "wind_bounds")
    for expected in ("[1/1] wind_bounds: computed\n", "[1/1] wind_bounds: computed already\n"):
        assert not training.train_rows(rows, options).failed
        assert capsys.readouterr().out == expected
    assert asked == [tmp_path / "wind_bounds"] * 2
    record = training.read_record(tmp_path / "wind_bounds")
    assert record["command"] == "ssagan reproduce --table=wind --train"


def test_bounds_without_a_data_set_are_a_failure(tmp_path, trained):
    options = plan.Options(table="wind", workdirs=tmp_path, budget="tiny", data_dir=str(tmp_path))
    outcome = training.train_rows(tables.select_rows("wind", "wind_bounds"), options)
    assert "FileNotFoundError" in outcome.failed["wind_bounds"]


def test_a_workdir_without_a_record(tmp_path):
    assert training.read_record(tmp_path) == {}


def test_a_row_that_starts_from_another_waits_until_that_is_trained(options, tmp_path, trained):
    first, second = Row("a", "A", "ssagan"), Row("b", "B", "ssagan", starts_from="a")
    trained.outcomes["a"] = FloatingPointError("Step 3: g/l1 is not finite.")
    outcome = training.train_rows([first, second], options)
    assert names(trained.calls) == ["a"]
    assert f"starts from {tmp_path / 'a'}, which is not trained to its end" in outcome.failed["b"]
    config = plan.make_plan(first, options).config().to_dict()
    write_run(tmp_path / "a", result(step=2), config=config)  # half-way
    assert "b" in training.train_rows([second], options).failed
    write_run(tmp_path / "a", result(step=config["num_steps"]), config=config)
    assert not training.train_rows([second], options).failed
    assert names(trained.calls) == ["a", "b"]
