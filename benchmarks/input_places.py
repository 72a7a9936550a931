"""Clips a second from a disk, from a cache, and from a bucket that takes its time.

    PYTHONPATH=. python benchmarks/input.py --places      # with the extras gcs and emulator

The bucket is the emulator of the tests, in a process of its own on the same cores; each of its
answers comes later by the milliseconds given. The places take turns, so that what else the cores
do is the same for all; the best turn of each counts.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import input as clips
import numpy as np

from ssagan_jax import data
from ssagan_jax.data import pipeline
from ssagan_jax.evaluation.batches import read_batch
from ssagan_jax.io import paths
from tests.helpers.buckets import serving

LATENCIES = (0, 20, 50)  # milliseconds
THREADS = (2, 16)
SCORED = 16  # clips of a batch that is scored
TURNS, SECONDS = 4, 1.5


def report(folder: Path) -> None:
    """Prints a row for each data set and place, a column for each number of reading threads."""
    built = folder / "built"
    for name, write in clips.WRITERS.items():
        write(folder / name)
        data.build(name, source=str(folder / name), data_dir=str(built))
    columns = "".join(f" {count} threads |" for count in THREADS)
    print(f"| data set | read from | opened in, s |{columns} as scored |")
    print("|---" * (len(THREADS) + 4) + "|")
    for name in clips.WRITERS:
        with contextlib.ExitStack() as stack:
            sources, seconds = open_everywhere(stack, name, built, folder / f"cache_{name}")
            rates = [measure(sources, count) for count in THREADS]
            rates.append(measure_scoring(sources))
        for place in sources:
            columns = "".join(f" {found[place]:.1f} |" for found in rates)
            print(f"| `{name}` | {place} | {seconds[place]:.2f} |{columns}", flush=True)


def open_everywhere(stack: contextlib.ExitStack, name: str, built: Path, cache: Path):
    """The training split by place, and how long opening it took; servers end with the stack."""
    where = {"a disk": {"data_dir": str(built)}}
    sources, seconds = {}, {}
    for latency in (None, *LATENCIES):
        if latency is not None:
            bucket = stack.enter_context(serving(latency / 1000))
            for file in filter(Path.is_file, built.rglob("*")):
                paths.path(f"{bucket}/{file.relative_to(built)}").write_bytes(file.read_bytes())
            where = {f"a bucket, {latency} ms": {"data_dir": bucket}}
        if latency == LATENCIES[-1]:
            where["a new cache of that"] = {"data_dir": bucket, "cache": str(cache)}
        for place, options in where.items():
            start = time.perf_counter()
            kind = {"split": "train", "size": clips.SIZE, "frames": clips.FRAMES}
            sources[place] = data.source(name, **kind, **options)
            seconds[place] = time.perf_counter() - start
            sources[place][0]  # from now on it knows its server
    return sources, seconds


def measure(sources: Mapping[str, data.ClipSource], threads: int) -> dict[str, float]:
    """Clips a second of each place."""
    kind = {"batch_size": clips.BATCH, "seed": 0, "flip": True, "workers": threads}
    batches = {place: pipeline.train_batches(sources[place], **kind) for place in sources}
    best = dict.fromkeys(sources, 0.0)
    for _ in range(TURNS):
        for place in sources:
            best[place] = max(best[place], turn(batches[place], ahead=threads // clips.BATCH + 2))
    return best


def measure_scoring(sources: Mapping[str, data.ClipSource]) -> dict[str, float]:
    """Clips a second of each place, a batch at a time as for scores."""
    best = dict.fromkeys(sources, 0.0)
    for _ in range(TURNS):
        for place, source in sources.items():
            indices = np.arange(SCORED) % len(source)
            read = partial(read_batch, source, indices, new=SCORED)
            best[place] = max(best[place], SCORED * a_second(read))
    return best


def turn(batches, ahead: int) -> float:
    """Clips a second, after those that were read ahead."""
    for _ in range(ahead):
        next(batches)
    return clips.BATCH * a_second(partial(next, batches))


def a_second(work: Callable[[], object]) -> float:
    """How often a second it is done."""
    start, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < SECONDS:
        work()
        count += 1
    return count / passed
