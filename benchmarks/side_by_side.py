"""Contenders measured in one run: each in a process of its own, by turns, one at a time.

A benchmark names cases, and for each the contenders: functions that build something and return
what is to be timed. Each runs in a fresh interpreter, since two frameworks' threads in one process
disturb each other, and since peak memory is that of a whole process. The first run of each is not
counted. Call benchmarks as modules (``python -m benchmarks.step``), and import no framework at
their top: it would count in the measured process's memory. With ``--device=cuda`` both frameworks
compute on the first GPU, and peak memory is what they allocated there.
"""

import argparse
import contextlib
import importlib
import json
import multiprocessing
import os
import platform
import resource
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import precision

COLUMNS = (
    "case",
    "against",
    "its s (min to max)",
    "ours s (min to max)",
    "ours / its (pairs)",
    "its peak MiB (grown)",
    "our peak MiB (grown)",
)
PACKAGES = ("ssagan_jax", "jax", "jaxlib", "flax", "torch", "numpy")


@dataclass(frozen=True)
class Contender:
    """A function ``build(*arguments) -> run``, and the modules it needs.

    ``run()`` does the work to its end. The modules are imported before memory is first looked at.
    With ``compiles``, a first process builds it and leaves: the measured one then finds its
    programs in JAX's cache, as every start of a training but the first does, and its peak is not
    that of the compiler.
    """

    build: Callable
    needs: tuple[str, ...]
    arguments: tuple = ()
    compiles: bool = False


def options(parser: argparse.ArgumentParser, **defaults) -> argparse.Namespace:
    """The command line: a benchmark's own options, and those that all of them have."""
    defaults = {"repeats": 5, "limit": None, "device": "cpu", "precision": "float32", **defaults}
    parser.add_argument("--repeats", type=int, help="counted runs of each (default: %(default)s)")
    parser.add_argument("--limit", type=float, help="seconds after which a run is given up")
    parser.add_argument("--only", default="", help="the cases whose names contain this")
    parser.add_argument("--json", metavar="FILE", help="where to keep every single number")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="(default: %(default)s)")
    text = "of products: all of float32, TF32, or bfloat16 activations (default: %(default)s)"
    parser.add_argument("--precision", choices=precision.NAMES, help=text)
    parser.set_defaults(**defaults)
    return parser.parse_args()


def main(cases: Mapping[str, Mapping[str, Contender]], asked: argparse.Namespace) -> dict:
    """Measures, and prints a table: the last contender of each case against the others."""
    command = shlex.join(["python", *sys.orig_argv[1:]])
    found = {"command": command, "environment": environment(), "cases": {}}
    print(f"`{command}`\n")
    print("; ".join(f"{name} {value}" for name, value in found["environment"].items()))
    print(f"\n| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", folder)
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        os.environ["JAX_PLATFORMS"] = "cpu" if asked.device == "cpu" else f"{asked.device},cpu"
        os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # the contenders share a GPU
        for name, contenders in cases.items():
            if asked.only not in name:
                continue
            found["cases"][name] = measured = measure(
                contenders, asked.repeats, asked.limit, asked.device
            )
            print("\n".join(rows(name, measured)), flush=True)
            if asked.json:
                Path(asked.json).write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


def measure(
    contenders: Mapping[str, Contender | str],
    repeats: int,
    limit: float | None = None,
    device: str = "cpu",
) -> dict:
    """{contender: what ``Worker.report`` gives}; a text says why one is not run at all.

    Raises:
      ChildProcessError: if a contender failed.
    """
    running = {name: c for name, c in contenders.items() if isinstance(c, Contender)}
    compiling = {name: compile_first(c, device) for name, c in running.items() if c.compiles}
    workers = {name: Worker(contender, device) for name, contender in running.items()}
    try:
        for count in range(1 + repeats):
            for worker in workers.values():
                worker.run(limit, counts=count > 0)
    finally:
        for worker in workers.values():
            worker.close()
    found = {name: {"skipped": reason} for name, reason in contenders.items()}
    for name, worker in workers.items():
        found[name] = {**worker.report(), **compiling.get(name, {})}
    return found


def compile_first(contender: Contender, device: str) -> dict:
    """Fills JAX's cache; the largest MiB meanwhile."""
    worker = Worker(contender, device)
    try:
        return {"compiling": worker.ask("build")["built"]}
    finally:
        worker.close()


class Worker:
    """One contender in its process."""

    def __init__(self, contender: Contender, device: str):
        self.name, self.seconds, self.given_up, self.memory = str(contender), [], None, {}
        spawn = multiprocessing.get_context("spawn")
        self.pipe, end = spawn.Pipe()
        self.process = spawn.Process(target=serve, args=(end, contender, device), daemon=True)
        self.process.start()
        end.close()

    def run(self, limit: float | None, *, counts: bool):
        """Has it run once more, unless it took more than ``limit`` seconds before."""
        if self.given_up is not None:
            return
        self.memory = self.ask("build")
        seconds = self.ask("run", limit)
        if seconds is None:
            self.given_up = limit
            self.close()
        elif counts:
            self.seconds.append(seconds)
            self.memory = self.ask("build")

    def ask(self, message: str, limit: float | None = None):
        """The answer, or None after ``limit`` seconds.

        Raises:
          ChildProcessError: if there will be none.
        """
        try:
            self.pipe.send(message)
            return self.pipe.recv() if self.pipe.poll(limit) else None
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise ChildProcessError(f"{self.name} failed: see its message above.") from error

    def report(self) -> dict:
        """``seconds`` of each counted run, ``given_up`` (the limit, if it took longer) and resident
        MiB: ``before`` (imported, nothing built), ``built`` (the largest until then), ``peak``
        (the largest at all).
        """
        return {"seconds": self.seconds, "given_up": self.given_up, **self.memory}

    def close(self):
        self.process.terminate()
        self.process.join()
        self.pipe.close()


def serve(pipe, contender: Contender, device: str):
    """The process of a contender: answers "build" (once) by its memory and "run" by seconds."""
    sys.stdout = sys.stderr  # the table goes there
    for name in contender.needs:
        importlib.import_module(name)
    peak = peak_mib if device == "cpu" else device_peak_mib
    before = peak()
    run, built = None, None
    while message := pipe.recv():
        if run is None:
            run = contender.build(*contender.arguments)
            built = peak()
        if message == "build":
            pipe.send({"before": before, "built": built, "peak": peak()})
        else:
            start = time.perf_counter()
            run()
            pipe.send(time.perf_counter() - start)


def peak_mib() -> float:
    """The largest resident set of this process so far.

    ``ru_maxrss`` counts what the parent had when it started this process, too; Linux's own count
    does not.
    """
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def device_peak_mib() -> float:
    """The most that the frameworks of this process have allocated on the first GPU."""
    found = 0
    if "torch" in sys.modules:
        found += sys.modules["torch"].cuda.max_memory_allocated()
    if "jax" in sys.modules:
        found += sys.modules["jax"].local_devices()[0].memory_stats()["peak_bytes_in_use"]
    return found / 2**20


def rows(case: str, measured: Mapping[str, Mapping]) -> list[str]:
    """Lines of the table: the last contender against each other one."""
    *others, (_, ours) = measured.items()
    return [
        f"| {case} | {name} | {_times(it)} | {_times(ours)} | {ratio(ours, it)} | "
        f"{_memory(it)} | {_memory(ours)} |"
        for name, it in others
    ]


def ratio(ours: Mapping, its: Mapping) -> str:
    """Of the medians; in brackets the range over runs that followed each other."""
    if not (ours.get("seconds") and its.get("seconds")):
        return ""
    pairs = [a / b for a, b in zip(ours["seconds"], its["seconds"], strict=False)]
    of_medians = statistics.median(ours["seconds"]) / statistics.median(its["seconds"])
    return f"{of_medians:.2f} ({min(pairs):.2f} to {max(pairs):.2f})"


def _times(found):
    if "skipped" in found:
        return f"not run: {found['skipped']}"
    if found["given_up"] is not None:
        return f"over {found['given_up']:g}"
    seconds = found["seconds"]
    return f"{statistics.median(seconds):.4g} ({min(seconds):.4g} to {max(seconds):.4g})"


def _memory(found):
    if not found.get("seconds"):
        return ""
    compiling = f"; compiling {found['compiling']:,.0f}" if "compiling" in found else ""
    return f"{found['peak']:,.0f} ({found['peak'] - found['before']:,.0f}{compiling})"


def environment() -> dict[str, str]:
    """Machine and versions, as far as they are told without loading a framework."""
    found = {"CPU": _cpu(), "cores": str(os.cpu_count()), "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    flags = {
        name: os.environ[name] for name in ("XLA_FLAGS", "OMP_NUM_THREADS") if name in os.environ
    }
    return {**found, **flags, "load before": f"{os.getloadavg()[0]:.2f}"}


def _cpu():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [
                line.partition(": ")[2].strip() for line in file if line.startswith("model name")
            ]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or platform.machine()
