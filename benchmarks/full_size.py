"""Memory and time of animating a large photo at its own size: the command, in its own process.

    python benchmarks/full_size.py [--width=4000] [--height=3000] [--workdir=RUN] [-- OPTIONS]

Paints a photo of clouds and noise, runs ``ssagan generate`` on it, and prints the process's
highest resident memory, its time, and the size of the mp4. What follows ``--`` goes to the
command. Without a run the bundled model is used.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=4000)
    parser.add_argument("--height", type=int, default=3000)
    parser.add_argument("--workdir", help="a training run")
    parser.add_argument("options", nargs="*", help="of ssagan generate")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photo, output = Path(folder, "photo.jpg"), Path(folder, "clip.mp4")
        paint(options.height, options.width).save(photo, quality=92)
        command = [
            sys.executable,
            "-m",
            "ssagan_jax.cli",
            "generate",
            str(photo),
            "-o",
            str(output),
        ]
        command += [f"--workdir={options.workdir}"] if options.workdir else []
        start = time.monotonic()
        subprocess.run([*command, *options.options], check=True)
        took = time.monotonic() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"{options.width} x {options.height}: {used.ru_maxrss * 1024 / 1e9:.2f} GB at most, "
            f"{took:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of processors), "
            f"{output.stat().st_size / 1e6:.1f} MB of mp4"
        )


def paint(height: int, width: int) -> Image.Image:
    """Clouds of several scales over a dark, rough ground."""
    draw = np.random.default_rng(0)
    clouds = np.zeros((height, width), np.float32)
    for cells in (4, 9, 20, 60):
        coarse = Image.fromarray(draw.normal(size=(cells, cells)).astype(np.float32))
        clouds += np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)) / cells**0.5
    sky = np.array([120, 160, 220]) + 25 * clouds[..., None]
    ground = draw.integers(20, 90, (height // 3, width, 3))
    sky[-len(ground) :] = ground
    return Image.fromarray(sky.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    main()
