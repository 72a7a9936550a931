"""Runs that are killed, signalled or stopped at random moments: see ``benchmarks.faults``."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.checkpoint_drills import resume
from ssagan_jax.distributed.exit_statuses import HUNG, STOPPED

# "survived": it went on to the state of an undisturbed run, to the bit. "ended as promised": with
# the status that docs/launch.md has, and no stack trace. "otherwise": neither.
OUTCOMES = ("survived", "ended as promised", "otherwise")
STEPS = 8
PATIENCE = 300  # seconds until a process counts as hanging
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT)


def kills(folder: Path, count: int, seed: int = 0) -> Counter:
    """``kill -9`` at a random moment, then the same command to the end."""
    return _disturb(folder, [signal.SIGKILL] * count, (-signal.SIGKILL,), seed)


def signals(folder: Path, count: int, seed: int = 0) -> Counter:
    """A signal that asks to stop at a random moment, then the same command to the end."""
    numbers = [SIGNALS[index % len(SIGNALS)] for index in range(count)]
    return _disturb(folder, numbers, (STOPPED, 130), seed)


def pairs(folder: Path, count: int, seed: int = 0) -> Counter:
    """Two processes, one of which is killed or stopped at a random moment after its first step."""
    rng, counts = random.Random(seed), Counter()
    for index in range(count):
        workdir, port = folder / f"pair{index}", _free_port()
        limits = ("--config.watchdog=10", "--config.watchdog_eval=10")
        both = [_start(workdir, *limits, *_part(port, process)) for process in range(2)]
        victim = rng.randrange(2)
        while "step 1/" not in (both[0].stdout.readline() or "step 1/"):
            pass
        time.sleep(rng.uniform(0, 5))
        both[victim].send_signal((signal.SIGKILL, signal.SIGSTOP)[index % 2])
        status, errors = _wait(both[1 - victim])
        both[victim].kill()
        both[victim].communicate()
        promised = status in (0, HUNG) and "Traceback" not in errors
        _count(counts, "ended as promised" if promised else "otherwise")
    return counts


def table(counts: Mapping[str, Counter]) -> Iterator[str]:
    """Markdown."""
    yield f"| drill | tried | {' | '.join(OUTCOMES)} |"
    yield "|---" * (2 + len(OUTCOMES)) + "|"
    for name, found in counts.items():
        cells = [found[outcome] for outcome in OUTCOMES]
        yield f"| {name} | {found.total()} | {' | '.join(map(str, cells))} |"


def _disturb(folder: Path, numbers: Sequence[int], statuses: tuple[int, ...], seed: int) -> Counter:
    rng, counts = random.Random(seed), Counter()
    undisturbed = folder / "undisturbed"
    started = time.monotonic()
    assert _wait(_start(undisturbed))[0] == 0
    seconds, expected = time.monotonic() - started, resume(undisturbed)
    for index, number in enumerate(numbers):
        workdir = folder / f"{signal.Signals(number).name}{index}"
        process = _start(workdir)
        time.sleep(rng.uniform(1, seconds))  # Python itself has started by then
        process.send_signal(number)
        status, errors = _wait(process)
        promised = status in (0, *statuses) and "Traceback" not in errors
        again, _ = _wait(_start(workdir))
        same = again == 0 and resume(workdir) == expected
        _count(counts, "survived" if promised and same else "otherwise")
    return counts


def _count(counts: Counter, outcome: str) -> None:
    counts[outcome] += 1
    print(f"{counts.total()}: {outcome}", file=sys.stderr, flush=True)


def _start(workdir: Path, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "ssagan_jax.cli", "train", "--config=configs/ssagan.py:tiny"]
    command += [f"--workdir={workdir}", f"--config.num_steps={STEPS}"]
    command += ["--config.checkpoint_every=2", "--config.log_every=1", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, env={**os.environ, "XLA_FLAGS": ""}, **pipes)


def _part(port: int, process: int) -> list[str]:
    return [f"--coordinator=127.0.0.1:{port}", "--processes=2", f"--process-id={process}"]


def _wait(process: subprocess.Popen) -> tuple[int | None, str]:
    """Exit status, None if it hangs, and what it said of errors."""
    try:
        _, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return None, process.communicate()[1]
    return process.returncode, errors


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
