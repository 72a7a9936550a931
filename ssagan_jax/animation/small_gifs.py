"""GIFs that can be sent: of at most ``SIDE`` pixels and ``LARGEST`` bytes."""

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ssagan_jax.animation.rendering import output_size
from ssagan_jax.io import encoders, photo_files, video_files
from ssagan_jax.io.photo_files import Photo

SIDE = 640  # pixels: the long side at first
LARGEST = 4_000_000  # bytes, of ``FRAMES`` frames; more for longer clips, in proportion
FRAMES = 64
_LEAST_SIDE = 64
_SAFE = 0.95  # of the side that would do, if bytes went with pixels


@contextlib.contextmanager
def writer(path: Path, *, fps: int | float) -> Iterator[encoders.Add]:
    """A context with a function that adds a frame of any size to a GIF, written when it ends.

    Where the file would be too large, its frames are made smaller until it is not. All are kept
    until then. Errors as of ``video_files.writer``.
    """
    video_files.check_output(path, fps=fps)
    frames: list[Photo] = []
    yield lambda frame: frames.append(_reduced(frame, SIDE))
    limit = LARGEST * max(1.0, len(frames) / FRAMES)
    side = max(frames[0].shape) if frames else SIDE
    clip = frames
    while True:
        video_files.write_video(path, clip, fps=fps)
        size = path.stat().st_size
        if size <= limit or side <= _LEAST_SIDE:
            return
        side = max(_LEAST_SIDE, math.floor(side * _SAFE * math.sqrt(limit / size)))
        clip = [_reduced(frame, side) for frame in frames]


def _reduced(frame: Photo, side: int) -> np.ndarray:
    return photo_files.resize_image(frame, *output_size(*frame.shape[:2], max_side=side))
