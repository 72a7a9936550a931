"""The same command in one, two and four processes on this machine (gloo between them)."""

import json
import shutil

import numpy as np
import pytest

from ssagan_jax.cli import STOPPED
from tests.helpers.launches import launch


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """The workdir of one process."""
    workdir = tmp_path_factory.mktemp("one")
    [(status, _, errors)] = launch(1, workdir)
    assert status == 0, errors
    return workdir


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The workdir of two processes, and the processes: the second gets SIGTERM after step 2."""
    workdir = tmp_path_factory.mktemp("several")
    return workdir, launch(2, workdir, before=["--at=step:2,1,TERM"])


@pytest.fixture(scope="module")
def resumed(stopped, tmp_path_factory):
    """The same run, gone on in two processes."""
    return resume(stopped, 2, tmp_path_factory)


@pytest.fixture(scope="module")
def resumed_in_four(stopped, tmp_path_factory):
    """The same run, gone on in four."""
    return resume(stopped, 4, tmp_path_factory)


def resume(stopped, count, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("resumed")
    shutil.copytree(stopped[0], workdir, dirs_exist_ok=True)
    assert (workdir / "checkpoints" / "4").exists()
    return workdir, launch(count, workdir)


def rows(workdir):
    text = (workdir / "metrics.jsonl").read_text()
    found = [json.loads(line) for line in text.splitlines()]
    return [{k: v for k, v in row.items() if not k.startswith("speed/")} for row in found]


def test_a_signal_to_one_process_stops_all_at_the_same_step(stopped):
    workdir, processes = stopped
    assert [status for status, *_ in processes] == [STOPPED, STOPPED], processes
    assert [path.name for path in (workdir / "checkpoints").iterdir()] == ["4"]
    assert "Stopped by a signal to another process at step 4, saved." in processes[0][1]


def test_only_the_first_process_prints(stopped):
    (_, first, _), (_, second, _) = stopped[1]
    assert "step 4/6" in first
    assert "step" not in second and "Stopped" not in second


@pytest.mark.slow
def test_two_processes_equal_one(one, resumed):
    check_same(one, *resumed)


@pytest.mark.slow
def test_a_run_of_two_goes_on_in_four(one, resumed_in_four):
    check_same(one, *resumed_in_four)


def check_same(one, workdir, processes):
    assert not any(status for status, *_ in processes), processes
    alone, together = rows(one), rows(workdir)
    assert [row["step"] for row in together] == [1, 2, 3, 4, 5, 6, 6]
    assert {"d/vanilla", "g/l1"} <= together[5].keys()
    for a, b in zip(alone, together, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            np.testing.assert_allclose(b[name], a[name], rtol=1e-5, err_msg=name)
    scores = [json.loads((path / "results.json").read_text()) for path in (one, workdir)]
    assert [found["protocol"]["clips"] for found in scores] == [5, 5]


@pytest.mark.slow  # quickly: tests/distributed/test_processes.py
def test_processes_that_differ_stop_at_the_start(tmp_path):
    options = {1: ["--config.seed=7"]}
    for status, _, errors in launch(2, tmp_path / "run", options=options):
        assert status == 1
        assert "config.seed: 0 on process 0, 7 on process 1" in errors
    assert not (tmp_path / "run").exists()
