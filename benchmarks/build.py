"""How fast data sets are built, by one process and by several: docs/data.md.

    python benchmarks/build.py
    python benchmarks/build.py --workers 1 2 4 --videos=32
    python benchmarks/build.py --runner=DirectRunner          # Apache Beam as well

Builds data sets of painted footage with the grain of a camera: folders of JPEGs of 640 x 360, as in
the archive of ``sky``, which are checked and stored as found, and H.264 videos of the same size
(``video_folder``), which are decoded, scaled and encoded. Prints Markdown: of ``--runs`` builds the
fastest, since what else a machine does only slows them; with the first row's time for the real
Sky Time-lapse data set.
"""

import argparse
import io
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from startup import command_line, machine

from ssagan_jax import data
from ssagan_jax.data.building.scan import CLIP_FRAMES
from ssagan_jax.io.video_files import write_video

SIDE = (360, 640)
REPEATS = 4  # of a clip's frames in a folder
SKY_FRAMES = 1_200_000  # about; 35,383 + 2,815 clips of 32


def main() -> None:
    options = parse()
    print(f"{command_line()}, {machine()}\n")
    clip = painted(options.frames)
    print("| source | processes | clips/s | frames/s | MB/s | processor ms a frame | Sky, hours |")
    print("|---" * 7 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for name, write in WRITERS.items():
            source = Path(folder) / name
            write(source, options.videos, clip)
            ways = [{"workers": workers} for workers in options.workers]
            ways += [{"runner": options.runner}] if options.runner else []
            for way in ways:
                print(row(name, source, way, options.runs), flush=True)


def row(name: str, source: Path, way: dict, runs: int) -> str:
    seconds, processor, scan, size = min(
        (build(name, source, way) for _ in range(runs)), key=lambda found: found[0]
    )
    frames = sum(counts["frames"] for counts in scan.found.values())
    columns = [
        name,
        str(way.get("workers") or f"Beam's {way['runner']}"),
        f"{frames / CLIP_FRAMES / seconds:.1f}",
        f"{frames / seconds:.0f}",
        f"{size / seconds / 1e6:.0f}",
        f"{1e3 * processor / frames:.2f}",
        f"{SKY_FRAMES / frames * seconds / 3600:.2f}" if name == "sky" else "",
    ]
    return "| " + " | ".join(columns) + " |"


def build(name: str, source: Path, way: dict) -> tuple:
    """Wall and processor seconds of a build, its scan, and the bytes of its shards."""
    built = source.with_name("built")
    wall, processor = time.perf_counter(), spent()
    scan = data.build(name, source=str(source), data_dir=str(built), **way)
    wall, processor = time.perf_counter() - wall, spent() - processor
    size = sum(file.stat().st_size for file in built.glob("*/*/*.array_record*"))
    shutil.rmtree(built)
    return wall, processor, scan, size


def spent() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


def painted(frames: int) -> np.ndarray:
    """A clip with the grain of a camera, without which pictures are too easily decoded."""
    clip = data.source("synthetic", split="train", size=256, frames=frames)[0]["clip"]
    large = [Image.fromarray(frame).resize(SIDE[::-1], Image.Resampling.BICUBIC) for frame in clip]
    grain = np.random.default_rng(0).normal(0, 4, (frames, *SIDE, 1))
    return np.clip(np.stack(large) + grain, 0, 255).astype(np.uint8)


def write_frames(folder: Path, videos: int, clip: np.ndarray) -> None:
    """Each video begins with another frame."""
    jpegs = []
    for frame in clip:
        buffer = io.BytesIO()
        Image.fromarray(frame).save(buffer, format="JPEG", quality=90)
        jpegs.append(buffer.getvalue())
    for video in range(videos):
        shot = folder / ("sky_train" if video else "sky_test") / f"v{video}" / f"v{video}_1"
        shot.mkdir(parents=True)
        for number in range(REPEATS * len(jpegs)):
            jpeg = jpegs[(number + video) % len(jpegs)]
            (shot / f"v{video}_frames_{number:08d}.jpg").write_bytes(jpeg)


def write_mp4s(folder: Path, videos: int, clip: np.ndarray) -> None:
    folder.mkdir()
    for video in range(videos):
        write_video(folder / f"v{video}.mp4", np.roll(clip, video, axis=0))


WRITERS = {"sky": write_frames, "video_folder": write_mp4s}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runner", default="", help="of Apache Beam, as a row of its own")
    parser.add_argument("--videos", type=int, default=16, help="of each kind")
    parser.add_argument("--frames", type=int, default=64, help="of a video")
    parser.add_argument("--runs", type=int, default=3, help="of each kind")
    return parser.parse_args()


if __name__ == "__main__":
    main()
