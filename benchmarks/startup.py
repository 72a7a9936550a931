"""From the start of ``ssagan train`` to its first step, cold and warm: docs/startup.md.

    python benchmarks/startup.py [--runs=3] [--only=quickstart]

Each run is a fresh process, killed at its first progress line (``log_every=1``). Cold: an empty
compilation cache; warm: the cache that a cold run filled. Prints Markdown: median (min to max) of
the wall seconds and of the processor seconds (less disturbed by other work), the wall seconds of
each phase, and the time of ``ssagan --help``.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
# name: (arguments, target in seconds cold, warm)
ROWS = {
    "quickstart": (("--config=configs/quickstart.py",), 60, 10),
    "paper, batch 1": (("--config=configs/ssagan.py", "--config.batch_size=1"), 90, 20),
    "authors', batch 1": (
        ("--config=configs/ssagan.py:recipe=author", "--config.batch_size=1"),
        None,
        None,
    ),
}
# What the program prints as it goes: phase that ends there, start of the line.
PHASES = (
    ("to compiling", "Compiling the training step"),
    ("compiling", "Compiled in"),
    ("batch and step", "step 1/"),
)


def main() -> None:
    options = parse()
    print(f"{command_line()}, {machine()}\n")
    print(f"`ssagan --help`: {spread([help_seconds() for _ in range(5)], 2)} s\n")
    names = [name for name in ROWS if name.startswith(options.only)]
    print("| configuration | cache | target s | wall s | processor s | " + heads() + " |")
    print("|---" * (5 + len(PHASES)) + "|")
    for name in names:
        arguments, *targets = ROWS[name]
        results = measure(arguments, options.runs)
        for (cache, runs), target in zip(results.items(), targets, strict=True):
            print(row(name, cache, target, runs), flush=True)


def measure(arguments: tuple[str, ...], count: int) -> dict[str, list[dict]]:
    """Cold and warm runs in turn, so that both see the same machine."""
    results: dict[str, list[dict]] = {"cold": [], "warm": []}
    for _ in range(count):
        with tempfile.TemporaryDirectory() as cache:
            for runs in results.values():
                runs.append(first_step(arguments, cache))
    return results


def first_step(arguments: tuple[str, ...], cache: str) -> dict:
    """One process: seconds of each phase, of all (``wall``), and of the processors."""
    with tempfile.TemporaryDirectory() as workdir:
        command = [*ssagan("train"), *arguments, f"--workdir={workdir}/run", "--config.log_every=1"]
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "JAX_COMPILATION_CACHE_DIR": cache, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines, ends = [], []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(PHASES[len(ends)][1]):
                ends.append(time.perf_counter() - start)
            if len(ends) == len(PHASES):
                break
        process.kill()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0  # waited for, here
        process.stdout.close()
    if len(ends) < len(PHASES):
        raise RuntimeError(f"{' '.join(command)} ended before its first step:\n{''.join(lines)}")
    starts = [0.0, *ends]
    phases = {
        name: end - begin for (name, _), begin, end in zip(PHASES, starts, ends, strict=False)
    }
    return {**phases, "wall": ends[-1], "processor": usage.ru_utime + usage.ru_stime}


def help_seconds() -> float:
    start = time.perf_counter()
    subprocess.run(ssagan("--help"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def ssagan(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ssagan_jax.cli", *arguments]


def heads() -> str:
    return " | ".join(f"{name} s" for name, _ in PHASES)


def row(name: str, cache: str, target: int | None, runs: list[dict]) -> str:
    columns = ("wall", "processor", *(phase for phase, _ in PHASES))
    numbers = " | ".join(spread([run[column] for run in runs], 1) for column in columns)
    return f"| {name} | {cache} | {target or ''} | {numbers} |"


def spread(values: list[float], digits: int) -> str:
    """``median (min to max)``."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def command_line() -> str:
    return f"`python {' '.join(sys.argv)}`"


def machine() -> str:
    from importlib.metadata import version

    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} x {processor()}, Python {platform.python_version()}, "
        f"jax {version('jax')}, load {load:.1f} at the start"
    )


def processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="of each kind")
    parser.add_argument("--only", default="", help="rows whose name starts with this")
    return parser.parse_args()


if __name__ == "__main__":
    main()
