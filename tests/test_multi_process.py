"""The same command in one, two and four processes on this machine (gloo between them)."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ssagan_jax.cli import STOPPED

ROOT = Path(__file__).parent.parent
CONFIG = [
    f"--config={ROOT}/configs/ssagan.py:tiny",
    "--config.optimizer.name=sgd",
    "--config.optimizer.learning_rate=0.05",
    "--config.num_steps=6",
    "--config.sample_every=0",
    "--config.checkpoint_every=100",
    "--config.eval_clips=5",  # which neither two nor four divide
]


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def launch(processes, workdir, *, before=(), options=None, environment=None):
    """The finished processes: what each printed, its errors and exit status.

    ``options`` and ``environment``: {process: what only this one gets}.
    """
    port, running = free_port(), []
    for index in range(processes):
        command = [sys.executable, str(ROOT / "tests" / "processes.py"), *before, "train"]
        command += [*CONFIG, f"--workdir={workdir}", *(options or {}).get(index, ())]
        if processes > 1:
            command += [f"--coordinator=127.0.0.1:{port}", f"--processes={processes}"]
            command += [f"--process_id={index}"]
        own = {"PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu", "XLA_FLAGS": ""}
        own |= (environment or {}).get(index, {})
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, env={**os.environ, **own}, **pipes))
    try:
        texts = [process.communicate(timeout=120) for process in running]
    finally:
        for process in running:
            process.kill()
    return [(p.returncode, *text) for p, text in zip(running, texts, strict=True)]


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
    return workdir, launch(2, workdir, before=["--stop_at=2,1"])


@pytest.fixture(scope="module")
def resumed(stopped):
    """The same run, gone on in four processes."""
    assert (stopped[0] / "checkpoints" / "4").exists()
    return stopped[0], launch(4, stopped[0])


def rows(workdir):
    text = (workdir / "metrics.jsonl").read_text()
    found = [json.loads(line) for line in text.splitlines()]
    return [{k: v for k, v in row.items() if not k.startswith("speed/")} for row in found]


def test_a_signal_to_one_process_stops_all_at_the_same_step(stopped):
    workdir, processes = stopped
    assert [status for status, *_ in processes] == [STOPPED, STOPPED], processes
    assert [path.name for path in (workdir / "checkpoints").iterdir()] == ["4"]
    assert "Stopped by a signal to another process at step 4, saved." in processes[0][1]


def test_only_the_first_process_prints(stopped, resumed):
    for _, processes in (stopped, resumed):
        assert "step 4/6" in processes[0][1] or "step 5/6" in processes[0][1]
        for _, printed, _ in processes[1:]:
            assert not printed.replace("Gloo", "").strip() or printed.startswith("[Gloo]")


def test_two_then_four_processes_equal_one(one, resumed):
    workdir, processes = resumed
    assert [status for status, *_ in processes] == [0, 0, 0, 0], processes
    alone, together = rows(one), rows(workdir)
    assert [row["step"] for row in together] == [1, 2, 3, 4, 5, 6, 6]
    assert {"d/vanilla", "g/l1"} <= together[5].keys()
    for a, b in zip(alone, together, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            np.testing.assert_allclose(b[name], a[name], rtol=1e-5, err_msg=name)


def test_scores_are_of_every_clip(one, resumed):
    found = [json.loads((path / "results.json").read_text()) for path in (one, resumed[0])]
    assert [result["protocol"]["clips"] for result in found] == [5, 5]


def test_processes_that_differ_stop_at_the_start(tmp_path):
    options = {1: ["--config.seed=7"]}
    for status, _, errors in launch(2, tmp_path / "run", options=options):
        assert status == 1
        assert "config.seed: 0 on process 0, 7 on process 1" in errors
    assert not (tmp_path / "run").exists()


def test_processes_with_other_numbers_of_devices_stop_at_the_start(tmp_path):
    two = {1: {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}}
    for status, _, errors in launch(2, tmp_path / "run", environment=two):
        assert status == 1
        assert "Process 1 has 2 devices, process 0 has 1." in errors
