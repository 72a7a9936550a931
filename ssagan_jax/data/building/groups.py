"""Groups of shots: what one process reads at a time, and what a build that goes on may keep.

The groups depend on the source alone, never on how many processes there are: so the shards, of
which each belongs to one group, are the same however a data set is built.
"""

import dataclasses
import functools
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ssagan_jax.data.building.shots import FRAMES_PER_RECORD, Shot

RECORDS_PER_GROUP = 64  # guessed from the files: nothing is read before
_FEWEST_RECORDS, _GROUPS = 8, 64  # of small data sets: something for each of many processes
BYTES_PER_RECORD = 1_000_000  # of a video file, such as two seconds at 4 Mbit/s
_FRAMES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
# What a shard's bytes depend on beside the source.
_FORMAT = 1
_LIBRARIES = ("array_record", "av", "numpy", "pillow", "protobuf", "ssagan_jax")


@dataclass(frozen=True)
class Group:
    """Neighbouring shots of one split."""

    number: int
    split: str
    shots: tuple[Shot, ...]


def plan_groups(shots: Sequence[Shot]) -> list[Group]:
    """The shots in groups of up to about ``RECORDS_PER_GROUP`` records, split by split, in order.

    How many records a shot makes is guessed: from the number of files in a folder, from the size
    of a video. A shot is never divided.
    """
    shared = Counter(path for shot in shots for path in sources(shot))
    records = [_guess_records(shot, shared) for shot in shots]
    limit = min(RECORDS_PER_GROUP, max(_FEWEST_RECORDS, sum(records) / _GROUPS))
    groups: list[Group] = []
    for split in dict.fromkeys(shot.split for shot in shots):
        gathered: list[Shot] = []
        filled = 0.0
        for shot, more in zip(shots, records, strict=True):
            if shot.split != split:
                continue
            if gathered and filled + more > limit:
                groups.append(Group(len(groups), split, tuple(gathered)))
                gathered, filled = [], 0.0
            gathered.append(shot)
            filled += more
        groups.append(Group(len(groups), split, tuple(gathered)))
    return groups


def sources(shot: Shot) -> list[Path]:
    """The files and folders that a shot is read from: paths among the arguments of ``frames``."""
    frames = shot.frames
    if not isinstance(frames, functools.partial):
        return []
    return list(_paths([*frames.args, *frames.keywords.values()]))


def fingerprint(group: Group) -> str | None:
    """A digest of all that the group's shards depend on: shots, options, files, libraries.

    Of files the path, the size and the time of the last change count, not the bytes. None if a
    shot does not say what it is read from: such a group is never kept.
    """
    if not all(map(sources, group.shots)):
        return None
    libraries = {name: version(name) for name in _LIBRARIES}
    shots = [_describe(shot) for shot in group.shots]
    text = json.dumps([_FORMAT, libraries, group.split, shots])
    return hashlib.sha256(text.encode()).hexdigest()


def _guess_records(shot: Shot, shared: Counter[Path]) -> float:
    """Records of a shot, at least one; shots of one file share its size."""
    records = 0.0
    for path in sources(shot):
        try:
            if path.suffix.lower() in _FRAMES:
                records += 1 / FRAMES_PER_RECORD
            elif path.is_dir():
                records += len(os.listdir(path)) / FRAMES_PER_RECORD / shared[path]
            else:
                records += path.stat().st_size / BYTES_PER_RECORD / shared[path]
        except OSError:  # reading it will tell
            continue
    return max(1.0, records)


def _paths(values: Sequence[Any]) -> Iterator[Path]:
    for value in values:
        if isinstance(value, Path):
            yield value
        elif isinstance(value, list | tuple):
            yield from _paths(value)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            yield from _paths([getattr(value, field.name) for field in dataclasses.fields(value)])


def _describe(shot: Shot) -> list[Any]:
    assert isinstance(shot.frames, functools.partial)
    function = shot.frames.func
    call = [function.__module__, function.__qualname__, repr(shot.frames.args)]
    call.append(repr(sorted(shot.frames.keywords.items())))
    files = [_state(file) for path in sources(shot) for file in _files(path)]
    return [shot.id, shot.video, shot.strip, *call, files]


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def _state(file: Path) -> list[Any]:
    try:
        state = file.stat()
    except OSError as error:
        return [str(file), error.errno]
    return [str(file), state.st_size, state.st_mtime_ns]
