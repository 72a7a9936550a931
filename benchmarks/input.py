"""How fast clips are read, beside how fast a training step uses them: docs/input.md.

    python benchmarks/input.py                                   # data sets of its own
    python benchmarks/input.py --dataset=sky --data_dir=DIR      # one that is built
    python benchmarks/input.py --step_seconds=0.2 --batch_size=16
    python benchmarks/input.py --profile                         # what overlaps with the step
    PYTHONPATH=. python benchmarks/input.py --places             # disk, cache, bucket
    python benchmarks/input.py --decoders                        # other decoders of JPEG

Reads clips of 32 frames at 128 x 128 pixels. Its own data sets are painted clips, written as the
originals of ``sky`` are (JPEGs of 640 x 360) and of ``tiny_videos`` (a strip of 128 x 128 tiles
each), and built by ``ssagan data build``. A step's seconds are those given, or measured
(``--config``, by default the paper's network at batch 1). Prints Markdown: processor time of each
stage on one thread, then the whole pipeline as training reads it.
"""

import argparse
import contextlib
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image
from startup import command_line, machine

from ssagan_jax import data
from ssagan_jax.data import pipeline, preprocess

SIZE, FRAMES = 128, 32
STAGES = ("read", "decode", "resize")
BATCH = 4


def main() -> None:
    options = parse()
    print(f"{command_line()}, {machine()}\n")
    if options.profile:
        import overlap

        overlap.report(options.config, options.overrides)
        return
    if options.decoders:
        import jpeg_decoders

        jpeg_decoders.report()
        return
    if options.places:
        import input_places

        with tempfile.TemporaryDirectory() as folder:
            input_places.report(Path(folder))
        return
    needed = consumption(options)
    with tempfile.TemporaryDirectory() as folder:
        sources = open_sources(options, Path(folder))
        print("| data set | " + " | ".join(f"{stage} ms" for stage in STAGES), end=" | ")
        print(
            "whole clip ms | clips/s of a core | batches: clips/s | processor ms a clip | ratio |"
        )
        print("|---" * (len(STAGES) + 6) + "|")
        for name, source in sources.items():
            print(row(name, source, options.clips, needed), flush=True)
    print(
        "\nMilliseconds of processor time for a clip, on one thread; clips/s of a core from these."
    )
    print("batches: wall clock, all threads, shuffled, flipped and batched as for training.")
    print(f"ratio: batches over the {needed:.3g} clips/s that the step uses.")


def row(name: str, source, count: int, needed: float) -> str:
    stages, whole = by_stage(source, count)
    per_second, processor = batches(source, count)
    columns = [
        name,
        *(f"{1e3 * stages[stage]:.1f}" for stage in STAGES),
        f"{1e3 * whole:.1f}",
        f"{1 / whole:.1f}",
        f"{per_second:.1f}",
        f"{1e3 * processor:.1f}",
        f"{per_second / needed:.1f}",
    ]
    return "| " + " | ".join(columns) + " |"


def by_stage(source, count: int) -> tuple[dict[str, float], float]:
    """Processor seconds of a clip: of each stage, and of the whole."""
    spent = Counter()
    with contextlib.ExitStack() as stack:
        stack.enter_context(timed(spent, "decode", preprocess, "decode_image"))
        stack.enter_context(timed(spent, "resize", preprocess, "resize_image"))
        stack.enter_context(timed(spent, "read", type(source._records), "__getitem__"))
        source[0]  # opens the files
        spent.clear()
        start = time.thread_time()
        for index in range(count):
            source[index % len(source)]
        whole = time.thread_time() - start
    return {stage: spent[stage] / count for stage in STAGES}, whole / count


@contextlib.contextmanager
def timed(spent: Counter, stage: str, owner, name: str):
    """Adds the processor time of this thread in ``owner.name`` to ``spent[stage]``."""
    plain = getattr(owner, name)

    def function(*args, **kwargs):
        start = time.thread_time()
        result = plain(*args, **kwargs)
        spent[stage] += time.thread_time() - start
        return result

    setattr(owner, name, function)
    try:
        yield
    finally:
        setattr(owner, name, plain)


def batches(source, count: int) -> tuple[float, float]:
    """Clips a second as training reads them, and processor seconds of a clip."""
    iterator = pipeline.train_batches(source, batch_size=BATCH, seed=0, flip=True)
    for _ in range(4):
        next(iterator)  # fills what is read ahead
    wall, processor = time.perf_counter(), time.process_time()
    turns = max(1, count // BATCH)
    for _ in range(turns):
        next(iterator)
    clips = turns * BATCH
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return clips / wall, processor / clips


def consumption(options) -> float:
    """Clips a second that a training step uses."""
    if options.step_seconds:
        return options.batch_size / options.step_seconds
    from overlap import Training

    with tempfile.TemporaryDirectory() as folder:
        training = Training(options.config, options.overrides, folder)
        seconds = training.step_seconds()
    batch = training.config["batch_size"]
    print(f"{options.config} {' '.join(options.overrides)}: {seconds:.2f} s a step of {batch}.\n")
    return batch / seconds


def open_sources(options, folder: Path) -> dict:
    """Name -> the training split, of the data set asked for or of our own."""
    names = (options.dataset,) if options.dataset else ("sky", "tiny_videos")
    data_dir = options.data_dir or str(folder / "built")
    if not options.dataset:
        for name in names:
            originals = folder / name
            WRITERS[name](originals)
            data.build(name, source=str(originals), data_dir=data_dir)
    kind = dict(split="train", size=SIZE, frames=FRAMES, data_dir=data_dir)
    return {name: data.source(name, **kind) for name in names}


def write_sky(folder: Path, videos: int = 6) -> None:
    """As in the Sky Time-lapse archive: a folder of 640 x 360 JPEGs for each shot."""
    for video in range(videos):
        shot = folder / "sky_train" / f"v{video}" / f"v{video}_1"
        shot.mkdir(parents=True)
        for number, frame in enumerate(painted(video, 256)):
            image = Image.fromarray(frame).resize((640, 360), Image.Resampling.BICUBIC)
            image.save(shot / f"v{video}_frames_{number:08d}.jpg", quality=90)


def write_strips(folder: Path, videos: int = 6) -> None:
    """As in the Beach archive: the frames of a clip one above the other."""
    for video in range(videos):
        source = folder / f"v{video}.mp4"
        source.mkdir(parents=True)
        strip = painted(video, SIZE).reshape(-1, SIZE, 3)
        Image.fromarray(strip).save(source / "0000.jpg", quality=90)


WRITERS = {"sky": write_sky, "tiny_videos": write_strips}


def painted(index: int, size: int) -> np.ndarray:
    """A clip with the grain of a camera, without which JPEGs are too easily decoded."""
    clip = data.source("synthetic", split="train", size=size, frames=FRAMES)[index]["clip"]
    grain = np.random.default_rng(index).normal(0, 4, clip.shape)
    return np.clip(clip + grain, 0, 255).astype(np.uint8)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="", help="a built one")
    parser.add_argument("--data_dir", default="", help="where it was built")
    parser.add_argument("--clips", type=int, default=96, help="read for each figure")
    parser.add_argument("--step_seconds", type=float, default=0.0, help="instead of measuring")
    parser.add_argument("--batch_size", type=int, default=1, help="of --step_seconds")
    parser.add_argument("--config", default="configs/ssagan.py")
    parser.add_argument("--profile", action="store_true", help="trace a few steps of --config")
    parser.add_argument("--places", action="store_true", help="disk, cache and bucket instead")
    parser.add_argument("--decoders", action="store_true", help="ways to decode and scale instead")
    options, options.overrides = parser.parse_known_args()
    options.overrides = options.overrides or ["--config.batch_size=1"]
    return options


if __name__ == "__main__":
    main()
