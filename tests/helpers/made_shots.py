"""Shots that other processes can read: partials of functions of this module."""

import io
import os
import signal
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.shots import Shot


def noisy_jpegs(count):
    """Noise of 16 x 16 pixels, each another: shards cannot be compressed."""
    noise = np.random.default_rng(0).integers(0, 256, (count, 16, 16), dtype=np.uint8)
    for picture in noise:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, format="JPEG", quality=95)
        yield buffer.getvalue()


def read_file(path, fault=None):
    """As many frames as the file has bytes; each time it is read, a line in FILE.read."""
    with Path(f"{path}.read").open("a") as log:
        log.write(f"{os.getpid()}\n")
    yield from noisy_jpegs(path.stat().st_size)
    yield Skipped(str(path), "an end")
    if fault == "raises":
        raise KeyError("of a decoder")
    if fault == "parent killed":
        os.kill(os.getppid(), signal.SIGKILL)
    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "interrupted":
        raise KeyboardInterrupt
    if fault == "full":
        raise OSError(28, "No space left on device")


def make_shot(folder, name, frames=2, *, split="train", fault=None):
    """A shot of so many frames with a file of its own."""
    path = folder / f"{name}.bin"
    if not path.exists():
        path.write_bytes(b"x" * frames)
    return Shot(name, name, split, partial(read_file, path, fault))


def times_read(folder, name):
    """How often a shot of ``make_shot`` was read, by any process."""
    log = folder / f"{name}.bin.read"
    return len(log.read_text().splitlines()) if log.exists() else 0


def digests(folder):
    """What is in a folder: the bytes of each file, by name."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}
