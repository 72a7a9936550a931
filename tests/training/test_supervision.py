"""``ssagan train --restarts=N``."""

import os
import signal
import sys
import threading

import pytest

from ssagan_jax.cli import HUNG, STOPPED
from ssagan_jax.training import supervision
from ssagan_jax.training.supervision import supervise

# Ends with the statuses given, one a start; of a negative one by that signal.
ENDS = """
import os, pathlib, sys
starts = pathlib.Path(sys.argv[1])
starts.write_text(starts.read_text() + "x" if starts.exists() else "x")
status = int(sys.argv[1 + len(starts.read_text())])
os.kill(os.getpid(), -status) if status < 0 else sys.exit(status)
"""


def run(tmp_path, restarts, *statuses):
    starts = tmp_path / "starts"
    command = [sys.executable, "-c", ENDS, str(starts), *map(str, statuses)]
    return supervise(restarts, command), len(starts.read_text())


@pytest.mark.parametrize(
    ("restarts", "statuses", "expected"),
    [
        (3, (-9, HUNG, STOPPED, 0), (0, 4)),
        (1, (-9, -9, 0), (137, 2)),
        (3, (1, 0), (1, 1)),
        (3, (2, 0), (2, 1)),
        (0, (HUNG, 0), (HUNG, 1)),
    ],
)
def test_what_was_killed_or_hung_is_started_again(tmp_path, restarts, statuses, expected):
    assert run(tmp_path, restarts, *statuses) == expected


def test_a_signal_is_handed_on_and_nothing_is_started_again(tmp_path, capfd):
    waits = "import signal, sys; signal.signal(15, lambda *_: sys.exit(75)); print(1, flush=True)"
    command = [sys.executable, "-c", f"{waits}; signal.pause()"]
    threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    assert supervise(5, command) == STOPPED
    assert capfd.readouterr().out == "1\n"


def test_fewer_than_none_is_refused():
    with pytest.raises(ValueError, match="--restarts is -1; expected 0 or more"):
        supervise(-1)


@pytest.mark.parametrize("option", [["--restarts", "3"], ["--restarts=3"], []])
def test_the_command_is_the_same_without_the_option(option):
    argv = ["python", "-m", "ssagan_jax.cli", "train", *option, "--config=x"]
    expected = [sys.executable, "-m", "ssagan_jax.cli", "train", "--config=x"]
    assert supervision._without_option(argv) == expected
