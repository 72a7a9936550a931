"""Work in several processes: order, what ends it, and that nothing is left."""

import functools
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ssagan_jax.data.building.groups import Group
from ssagan_jax.data.building.progress import silent
from ssagan_jax.data.building.shots import Shot, ShotFailed
from ssagan_jax.data.building.workers import run_groups
from tests.helpers.made_shots import make_shot


def work(group, report):
    """Reads the shots; which process did, and whether it has loaded what is heavy."""
    for shot in group.shots:
        report("shot", shot.id)
        report("frames", len(list(shot.frames())))
    return group.number, os.getpid(), "jax" in sys.modules


def groups_of(shots):
    return [Group(number, "train", (shot,)) for number, shot in enumerate(shots)]


@pytest.fixture(autouse=True)
def no_process_left():
    yield
    assert not multiprocessing.active_children()


def test_results_are_in_order_and_reports_arrive(tmp_path):
    shots = [make_shot(tmp_path, name, frames) for name, frames in [("a", 30), ("b", 2), ("c", 2)]]
    events = []
    results = run_groups(
        work, groups_of(shots), workers=2, report=lambda *event: events.append(event)
    )
    assert [number for number, _, _ in results] == [0, 1, 2]
    pids = {pid for _, pid, _ in results}
    assert os.getpid() not in pids and not any(jax for _, _, jax in results)
    assert {("shot", "a"), ("shot", "b"), ("shot", "c"), ("frames", 31)} <= set(events)


def test_one_worker_is_this_process(tmp_path):
    [(_, pid, _)] = run_groups(
        work, groups_of([make_shot(tmp_path, "a")]), workers=2, report=silent
    )
    assert pid == os.getpid()
    with pytest.raises(ValueError, match="workers is 0; expected 1 or more"):
        run_groups(work, [], workers=0, report=silent)


def test_a_worker_that_dies_names_its_shot(tmp_path):
    shots = [make_shot(tmp_path, "a"), make_shot(tmp_path, "b", fault="killed")]
    message = r"ended by signal 9 \(Killed\) while it read the shot b\. The kernel does so where"
    with pytest.raises(ShotFailed, match=message):
        run_groups(work, groups_of(shots), workers=2, report=silent)


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [("raises", RuntimeError, "KeyError: 'of a decoder'"), ("full", OSError, "No space left")],
)
def test_an_error_of_a_worker_is_raised_here(tmp_path, fault, kind, message):
    shots = [make_shot(tmp_path, "a"), make_shot(tmp_path, "b", fault=fault)]
    with pytest.raises(kind, match=message):
        run_groups(work, groups_of(shots), workers=2, report=silent)


def test_what_cannot_be_sent_is_an_error():
    shots = [Shot(name, name, "train", lambda: iter([])) for name in "ab"]
    with pytest.raises(ValueError, match=r"The shot a cannot be sent .* partial of a function"):
        run_groups(work, groups_of(shots), workers=2, report=silent)


def test_an_interruption_here_ends_the_workers(tmp_path):
    def interrupted(event, value):
        raise KeyboardInterrupt

    shots = [make_shot(tmp_path, name) for name in "ab"]
    with pytest.raises(KeyboardInterrupt):
        run_groups(functools.partial(work), groups_of(shots), workers=2, report=interrupted)


def test_workers_end_with_a_process_that_is_killed(tmp_path):
    program = f"""
from pathlib import Path
from tests.data.building.test_workers import groups_of, make_shot, run_groups, silent, work
shots = [make_shot(Path({str(tmp_path)!r}), name, fault="parent killed") for name in "ab"]
run_groups(work, groups_of(shots), workers=2, report=silent)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == -9
    pids = {int(log.read_text()) for log in tmp_path.glob("*.read")}
    end = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert pids
