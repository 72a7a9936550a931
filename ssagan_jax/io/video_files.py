"""Video files on one side, ``uint8 [T, H, W, 3]`` on the other.

Reading is in ``io.video_reading``, under these names too; writing, mp4 and gif, is here.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import av
import numpy as np

from ssagan_jax.io import encoders, paths
from ssagan_jax.io.atomic import check_writable, replacing
from ssagan_jax.io.encoders import Add, Encoder
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.video_reading import VIDEO_SUFFIXES, read_frames, read_video

__all__ = [
    "FPS",
    "VIDEO_SUFFIXES",
    "check_output",
    "read_frames",
    "read_video",
    "write_video",
    "writer",
]

FPS = 25  # frames per second of the clips the paper shows

_GIF_MAX_FPS = 50  # browsers slow faster ones down to 10
_SLOWEST, _FASTEST = 0.1, 1000


def write_video(
    path: str | os.PathLike, clip: np.ndarray | Iterable[np.ndarray], *, fps: int | float = FPS
) -> AnyPath:
    """Writes a clip as what the suffix says, ``.mp4`` or ``.gif``.

    An mp4 is H.264 yuv420p that browsers start at once (index first, BT.709). A GIF loops endlessly
    in 256 colours chosen from the whole clip; its delays are whole hundredths of a second, rounded
    so that the total is right.

    Args:
      path: where; folders are made, a file there is replaced only when all is written.
      clip: uint8 RGB [T, H, W, 3], or an iterable of such frames [H, W, 3], which are encoded as
        they come. Of an mp4, H and W are even (4:2:0 has one colour per 2 x 2 pixels).
      fps: frames per second, of a GIF at most 50.

    Returns:
      The path.

    Raises:
      ValueError: another suffix; a clip or rate that this kind of file cannot hold.
      OSError: the path cannot be written; what was there is unchanged.
    """
    opened = writer(path, fps=fps)
    if isinstance(clip, np.ndarray) and clip.ndim != 4:
        _refuse(clip)
    with opened as add:
        for frame in clip:
            add(frame)
    return paths.path(path)


def writer(
    path: str | os.PathLike, *, fps: int | float = FPS
) -> contextlib.AbstractContextManager[Add]:
    """A context with a function that adds a frame, uint8 [H, W, 3], to a video.

    Arguments and errors as ``write_video``. The file is there when the context ends well. Of a GIF
    all frames are kept until the colours are chosen.
    """
    return _open(path, _encoder(path, fps), fps)


def check_output(path: str | os.PathLike, *, fps: int | float = FPS) -> None:
    """Raises now what ``write_video`` would raise about path and rate; makes missing folders."""
    _encoder(path, fps)
    check_writable(path)


_ENCODERS = {".mp4": encoders.mp4, ".gif": encoders.gif}


def _encoder(path: str | os.PathLike, fps: int | float) -> Encoder:
    """By the suffix, for a rate that it can write."""
    suffix = Path(path).suffix.lower()
    if suffix not in _ENCODERS:
        raise ValueError(
            f'Cannot write {path}: unknown suffix "{suffix}". Known: {", ".join(_ENCODERS)}.'
        )
    if not _SLOWEST <= fps <= _FASTEST:
        raise ValueError(f"fps is frames per second, from {_SLOWEST} to {_FASTEST}, got {fps}.")
    if suffix == ".gif" and fps > _GIF_MAX_FPS:
        raise ValueError(f"GIF plays at most {_GIF_MAX_FPS} frames per second, got {fps}.")
    return _ENCODERS[suffix]


@contextlib.contextmanager
def _open(path: str | os.PathLike, encoder: Encoder, fps: int | float) -> Iterator[Add]:
    rate = Fraction(fps).limit_denominator(1001)
    size = (0, 0)
    encoded: Add | None = None
    with (
        replacing(path) as partial,
        _ffmpeg_errors_are_os_errors(),
        contextlib.ExitStack() as stack,
    ):

        def add(rgb: np.ndarray) -> None:
            nonlocal size, encoded
            if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
                _refuse(rgb)
            height, width, _ = rgb.shape
            if encoded is None:
                size = height, width
                encoded = stack.enter_context(encoder(partial, size, rate))
            if (height, width) != size:
                raise ValueError(
                    f"The frames of a video have one size, got {list(size)} and then "
                    f"{[height, width]}."
                )
            encoded(rgb)

        yield add
        if encoded is None:
            raise ValueError("A video is uint8 [T, H, W, 3] and not empty, got no frames.")


def _refuse(clip: np.ndarray) -> NoReturn:
    raise ValueError(
        "A video is uint8 [T, H, W, 3], frames [H, W, 3], and not empty, "
        f"got {clip.dtype} {list(clip.shape)}."
    )


@contextlib.contextmanager
def _ffmpeg_errors_are_os_errors() -> Iterator[None]:
    try:
        yield
    except av.error.FFmpegError as error:  # only some of FFmpeg's errors are OSErrors
        raise OSError(error.errno, error.strerror) from error
