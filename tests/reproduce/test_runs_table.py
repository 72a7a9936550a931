"""How each row came about."""

import json

import pytest

from ssagan_jax.reproduce import gather, plan, training
from ssagan_jax.reproduce.runs_table import UNRECORDED, tabulate_runs
from ssagan_jax.reproduce.scores_table import NOT_RUN, UNKNOWN
from ssagan_jax.reproduce.tables import Row
from tests.helpers.fake_runs import result, write_checkpoint, write_run

RECORD = {"command": "ssagan train", "hardware": "a machine", "code": "commit 1", "seconds": 60}


@pytest.fixture
def tabulate(tmp_path):
    """A function: the line of a row, whose workdir is in the test's folder."""

    def tabulate(row):
        options = plan.Options(table="cloud", workdirs=tmp_path, budget="tiny")
        [line] = tabulate_runs(gather.gather_runs([row], options), options).lines
        return line

    return tabulate


def test_a_run_with_a_record(tabulate, tmp_path):
    folder = write_run(tmp_path / "a", result(step=9), config={"seed": 5, "n_critic": 3})
    (folder / training.RECORD).write_text(json.dumps(RECORD))
    (folder / "parameters.txt").write_text("Total: 3,250.0 -- 9 bytes\nTotal: 77 -- 1 bytes\n")
    write_checkpoint(folder, step=9)
    assert tabulate(Row("a", "A", "ssagan")) == {
        "name": "a",
        "seed": "5",
        "parameters": "3,250",
        "steps": "9",
        "updates": "3",
        "seconds": "60",
        "checkpoint": str(folder / "checkpoints" / "9"),
        "hardware": "a machine",
        "code": "commit 1",
        "command": "`ssagan train`",
    }


def test_results_alone(tabulate, tmp_path):
    write_run(tmp_path / "a" / "seed2", result())
    line = tabulate(Row("a", "A", "ssagan"))
    assert (line["name"], line["checkpoint"], line["steps"]) == ("a/seed2", "none kept", "4")
    for key in ("seed", "parameters", "updates", "seconds", "hardware", "code", "command"):
        assert line[key] == UNRECORDED


def test_a_row_that_was_not_run_has_its_command(tabulate, tmp_path):
    line = tabulate(Row("a", "A", "ssagan"))
    assert line["steps"] == NOT_RUN
    assert line["command"].startswith("`ssagan train --config=")
    assert f"--workdir={tmp_path}/a" in line["command"]
    assert tabulate(Row("c", "C"))["command"] == UNKNOWN
