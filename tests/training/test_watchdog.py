"""Ends a process that hangs."""

import subprocess
import sys

import pytest

from ssagan_jax.cli import HUNG

PROCESS = """
import pathlib, sys, time
from ssagan_jax.training import watchdog
watchdog.TICK = 0.02
dog = watchdog.Watchdog(pathlib.Path(sys.argv[1]))
def hang_here():
    time.sleep(60)
with dog.running(), dog.phase("start", 3600.0):
    with dog.phase("training", {limit}):
        for step in range(1, 6):
            time.sleep(0.1)
            dog.alive(step)
        with dog.phase("evaluation", 3600.0):
            time.sleep(1.2)
        {end}
print("done", flush=True)
"""


@pytest.mark.parametrize(
    ("limit", "end", "status"), [(1.0, "hang_here()", HUNG), (0.0, "time.sleep(1.2)", 0)]
)
def test_what_takes_longer_than_its_phase_may_is_ended_and_shown(tmp_path, limit, end, status):
    program = PROCESS.format(limit=limit, end=end)
    found = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True
    )
    assert found.returncode == status, found.stderr
    if status == 0:
        assert found.stdout == "done\n" and list(tmp_path.iterdir()) == []
        return
    file = tmp_path / "hang-process0.txt"
    assert found.stderr == (
        "ssagan: process 0 of 1, in training, after step 5: nothing has happened for 1 s. "
        f"Stacks of all threads: {file}. The last checkpoint stands; the same command goes on.\n"
    )
    assert "in hang_here" in file.read_text()
