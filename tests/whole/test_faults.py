"""What happens to long runs: signals at any moment, second starts, processes that die or hang.

Without processes of their own: signals in tests/training/test_signals.py and, in a run, in
test_end_to_end.py; what hangs in tests/training/test_watchdog.py; second starts in test_lock.py.
The drills at full count: ``python -m benchmarks.faults``.
"""

import json
import signal
import time

import pytest

from ssagan_jax.cli import HUNG, STOPPED
from tests.helpers.launches import launch, start

pytestmark = pytest.mark.slow  # each starts two processes or more
SHORT = ["--config.watchdog=8", "--config.watchdog_eval=8"]  # seconds


def saved(workdir):
    return sorted(int(path.name) for path in (workdir / "checkpoints").glob("[0-9]*"))


@pytest.mark.parametrize(
    ("place", "name", "steps"),
    [
        ("compiling", "TERM", []),
        ("step:2", "HUP", [2]),
        ("saving", "USR1", [6]),
        ("sampling", "TERM", [6]),
        ("scoring", "USR1", [6]),
    ],
)
def test_a_signal_at_any_moment_saves_what_there_is_and_the_run_goes_on(
    tmp_path, place, name, steps
):
    [(status, _, errors)] = launch(1, tmp_path, before=[f"--at={place},0,{name}"])
    assert status == STOPPED, errors
    assert saved(tmp_path) == steps
    assert ("before the first step" in errors) == (not steps)
    assert not (tmp_path / "results.json").exists()
    assert {path.name for path in tmp_path.glob("lock*")} == set()
    [(status, _, errors)] = launch(1, tmp_path)
    assert status == 0, errors
    assert json.loads((tmp_path / "results.json").read_text())["protocol"]["step"] == 6
    assert saved(tmp_path)[-1] == 6


def test_of_two_starts_exactly_one_runs_and_a_dead_ones_place_is_free(tmp_path):
    """Both would hang after step 2; the one that does is then killed."""
    both = [start(1, tmp_path, before=["--at=step:2,0,SLEEP"])[0] for _ in range(2)]
    try:
        while not (ended := [process for process in both if process.poll() is not None]):
            time.sleep(0.1)
        [loser] = ended
        assert loser.returncode == 1
        assert f"{tmp_path} is in use: process" in loser.communicate()[1]
        [winner] = {*both} - {loser}
        while "step 1/6" not in winner.stdout.readline():
            pass
    finally:
        for process in both:
            process.kill()
            process.communicate()
    [(status, out, errors)] = launch(1, tmp_path)
    assert status == 0, errors
    assert f"process {winner.pid} on" in out and "which is gone, was taken over" in out


@pytest.mark.parametrize(
    ("place", "victim", "name"),
    [
        ("step:3", 1, "KILL"),
        ("step:3", 0, "KILL"),
        ("step:3", 0, "STOP"),
        ("step:3", 1, "STOP"),
        ("saving", 0, "KILL"),
        ("saving", 1, "STOP"),
        ("showing", 1, "KILL"),  # its part of a checkpoint is missing
        ("scoring", 0, "STOP"),
        ("scoring", 0, "KILL"),
    ],
)
def test_the_other_process_says_that_it_lost_one(tmp_path, place, victim, name):
    drill = [f"--at={place},{victim},{name}"]
    found = launch(2, tmp_path, before=drill, after=SHORT, victim=victim)
    assert found[victim][0] == -signal.SIGKILL
    status, _, errors = found[1 - victim]
    if (victim, name) == (0, "KILL") and status == -signal.SIGABRT:
        assert "coordination service" in errors  # JAX was faster: it ends who loses process 0
        return
    assert status == HUNG, errors
    line = errors.strip().splitlines()[-1]
    assert line.startswith(f"ssagan: process {1 - victim} of 2, in "), errors
    assert "The last checkpoint stands; the same command goes on." in line
