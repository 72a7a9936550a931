"""Shots of original files, read one record's worth of frames at a time."""

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from PIL import Image

from ssagan_jax.data.building.scan import CLIP_FRAMES, Scan, Skipped

FRAMES_PER_RECORD = 64
MIN_FRAMES = 2


class ShotFailed(ValueError):
    """Reading a shot raised what its data set does not expect; the message names the shot."""


@dataclass(frozen=True)
class Shot:
    """A piece of footage without cuts.

    Attributes:
      id: unique in the data set.
      video: the source video it was cut from; splits never share one.
      split: "train" or "test".
      frames: called once, yields the frames' JPEG bytes in order, and a ``Skipped`` for each
        frame that cannot be used. A partial of a function of a module, so that another process
        can call it; the paths among its arguments are the files or folders that it reads.
      strip: the one JPEG that ``frames`` yields holds all frames, square, one above the other.
    """

    id: str
    video: str
    split: str
    frames: Callable[[], Iterator[bytes | Skipped]]
    strip: bool = False


@dataclass(frozen=True)
class Part:
    """Up to 64 consecutive frames of a shot: the contents of one record."""

    shot: Shot
    number: int
    jpegs: Sequence[bytes]
    frames: int


@dataclass
class Outcome:
    """What reading a shot came to: its usable frames, and what is odd about it."""

    shot: str
    video: str
    split: str
    frames: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def outcome_of(shot: Shot) -> Outcome:
    """Of a shot that is not read yet: ``read_parts`` fills it in."""
    return Outcome(shot.id, shot.video, shot.split)


def read_parts(shot: Shot, outcome: Outcome) -> Iterator[Part]:
    """Reads a shot; its frames and oddities go into ``outcome``.

    A shot of fewer than two usable frames is left out; one too short for a 32-frame clip is
    kept, as shorter clips can be made from it, and listed as odd.

    Raises:
      ShotFailed: if ``shot.frames`` raises.
    """
    jpegs = _usable(shot, outcome)
    for number in itertools.count():
        group = list(itertools.islice(jpegs, FRAMES_PER_RECORD))
        if not group:
            break
        part = Part(shot, number, group, _tiles(group[0]) if shot.strip else len(group))
        outcome.frames += part.frames
        if outcome.frames >= MIN_FRAMES:
            yield part
    _note_length(outcome)


def add_to_scan(scan: Scan, outcome: Outcome) -> None:
    """Counts a shot that was read."""
    scan.skipped += outcome.skipped
    if outcome.frames >= MIN_FRAMES:
        scan.shots[outcome.split].append((outcome.video, outcome.frames))


def _usable(shot: Shot, outcome: Outcome) -> Iterator[bytes]:
    try:
        for frame in shot.frames():
            if isinstance(frame, Skipped):
                outcome.skipped.append(frame)
            else:
                yield frame
    except Exception as error:  # of any decoder; another process has no traceback to show
        message = f"Reading the shot {shot.id} failed: {type(error).__name__}: {error}"
        raise ShotFailed(message) from error


def _tiles(strip: bytes) -> int:
    """Number of square frames in a vertical strip."""
    with Image.open(io.BytesIO(strip)) as image:
        return image.height // image.width


def _note_length(outcome: Outcome) -> None:
    if outcome.frames == 0 and any(not item.kept for item in outcome.skipped):
        return  # why is said already
    if outcome.frames < MIN_FRAMES:
        outcome.skipped.append(Skipped(outcome.shot, f"fewer than {MIN_FRAMES} usable frames"))
    elif outcome.frames < CLIP_FRAMES:
        frames = outcome.frames
        reason = f"short: {frames} frames, no clip of {CLIP_FRAMES}; usable for shorter clips"
        outcome.skipped.append(Skipped(outcome.shot, reason, kept=True))
