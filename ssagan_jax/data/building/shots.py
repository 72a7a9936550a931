"""Shots of original files, read one record's worth of frames at a time."""

import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image
from tqdm import tqdm

from ssagan_jax.data.building.scan import CLIP_FRAMES, Scan, Skipped

FRAMES_PER_RECORD = 64
MIN_FRAMES = 2


@dataclass(frozen=True)
class Shot:
    """A piece of footage without cuts.

    Attributes:
      id: unique in the data set.
      video: the source video it was cut from; splits never share one.
      split: "train" or "test".
      frames: called once, yields the frames' JPEG bytes in order, and a ``Skipped`` for each
        frame that cannot be used.
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


def read_parts(items: Iterable[Shot | Skipped], scan: Scan) -> Iterator[Part]:
    """Reads all shots, with a progress bar; counts and oddities go into the scan.

    A shot of fewer than two usable frames is left out; one too short for a 32-frame clip is
    kept, as shorter clips can be made from it, and listed as odd.
    """
    listed = list(items)
    scan.skipped += [item for item in listed if isinstance(item, Skipped)]
    shots = [item for item in listed if isinstance(item, Shot)]
    for shot in tqdm(shots, desc=scan.dataset, unit="shot", disable=None):
        total = 0
        for part in _parts(shot, scan):
            total += part.frames
            if total >= MIN_FRAMES:
                yield part
        _count(shot, total, scan)


def verify_shots(
    items: Iterable[Shot | Skipped],
    *,
    dataset: str,
    source: str,
    published: Mapping[str, Mapping[str, int]] | None = None,
) -> Scan:
    """Reads every file as a build would and writes nothing."""
    scan = Scan(dataset, str(source), published or {})
    for _ in read_parts(items, scan):
        pass
    return scan


def _parts(shot: Shot, scan: Scan) -> Iterator[Part]:
    def usable() -> Iterator[bytes]:
        for frame in shot.frames():
            if isinstance(frame, Skipped):
                scan.skipped.append(frame)
            else:
                yield frame

    jpegs = usable()
    for number in itertools.count():
        group = list(itertools.islice(jpegs, FRAMES_PER_RECORD))
        if not group:
            return
        frames = _tiles(group[0]) if shot.strip else len(group)
        yield Part(shot, number, group, frames)


def _tiles(strip: bytes) -> int:
    """Number of square frames in a vertical strip."""
    with Image.open(io.BytesIO(strip)) as image:
        return image.height // image.width


def _count(shot: Shot, frames: int, scan: Scan) -> None:
    if frames < MIN_FRAMES:
        scan.skipped.append(Skipped(shot.id, f"fewer than {MIN_FRAMES} usable frames"))
        return
    scan.shots[shot.split].append((shot.video, frames))
    if frames < CLIP_FRAMES:
        reason = f"short: {frames} frames, no clip of {CLIP_FRAMES}; usable for shorter clips"
        scan.skipped.append(Skipped(shot.id, reason, kept=True))
