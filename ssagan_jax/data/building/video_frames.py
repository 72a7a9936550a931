"""The frames of a video as JPEGs, and a word on everything about it that is odd."""

import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from ssagan_jax.data.building.scan import VIDEO, Skipped
from ssagan_jax.io import video_reading, video_times
from ssagan_jax.io.video_colours import HDR
from ssagan_jax.io.video_reading import UnreadableVideo

_IN_MEMORY = 64 << 20  # bytes of JPEGs; more go to a temporary file


@dataclass(frozen=True)
class VideoOptions:
    """How videos are read; ``fps``, ``hdr`` and ``keep_damaged`` as in ``read_frames``.

    Attributes:
      max_size: short side of the stored frames at most, in pixels.

    Raises:
      ValueError: an option out of range.
    """

    max_size: int = 256
    fps: int | float | None = None
    hdr: str = "refuse"
    keep_damaged: bool = False

    def __post_init__(self) -> None:
        if self.hdr not in HDR:
            raise ValueError(f'hdr is one of {", ".join(HDR)}, got "{self.hdr}".')
        if self.fps is not None:
            video_times.check_rate(self.fps)


def video_frames(path: Path, options: VideoOptions) -> Iterator[bytes | Skipped]:
    """Frames of a whole video, all or, of one that cannot be read to its end, none.

    Comes last: a ``Skipped`` that is kept for what the video is, and for each note on it.
    """
    notes: list[str] = []
    try:
        frames = video_reading.read_frames(
            path,
            fps=options.fps,
            hdr=options.hdr,
            keep_damaged=options.keep_damaged,
            note=notes.append,
        )
        yield from all_or_nothing(jpeg(frame, options.max_size) for frame in frames)
        yield Skipped(str(path), f"{VIDEO}{video_reading.describe(path)}", kept=True)
    except UnreadableVideo as error:
        yield Skipped(str(path), error.reason)
    except (OSError, ArithmeticError, MemoryError) as error:  # of a hostile header
        yield Skipped(str(path), f"unreadable: {error}")
    for note in notes:
        yield Skipped(str(path), note.removeprefix(f"{path} ").rstrip("."), kept=True)


def jpeg(frame: UInt8[np.ndarray, "h w 3"], max_size: int) -> bytes:
    """A frame as JPEG at quality 95, its short side scaled down to ``max_size``, never up."""
    image = Image.fromarray(frame)
    scale = max_size / min(image.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


def all_or_nothing(jpegs: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, once all are there: nothing if making them fails."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        lengths = [file.write(data) for data in jpegs]
        file.seek(0)
        yield from (file.read(length) for length in lengths)
