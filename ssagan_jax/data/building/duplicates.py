"""The same footage under several names, found by its bytes.

A video is known by its whole content. A folder of frames is known by how many there are and by the
bytes of its first, middle and last one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ssagan_jax.data.building.scan import Skipped

Known = tuple[int, Sequence[Path]]  # how many frames there are, and the files they are known by

_ENDS = 4096  # bytes at both ends that are compared before whole files are read


def known_by(frames: Sequence[Path]) -> Known:
    """By what a folder of frames is known: how many, the first, the middle and the last."""
    return len(frames), [frames[index] for index in sorted({0, len(frames) // 2, len(frames) - 1})]


def same_content(items: Mapping[str, Known]) -> list[list[str]]:
    """The ids of items with the same content, in groups of two and more.

    Args:
      items: by id how many frames there are (1 for a file), and the files they are known by.

    Sizes are compared first, then the ends of files, and whole files are read only where both
    are the same. A file that cannot be read, or is empty, is like no other.
    """
    groups = [list(items)]
    for digest in (_size, _ends, _whole):
        groups = [
            same
            for group in groups
            for same in _regrouped(group, partial(_known, items, digest))
            if len(same) > 1
        ]
    return groups


def join(groups: Iterable[Iterable[str]]) -> dict[str, str]:
    """For each id in a group the first one (by name) of all that hang together with it."""
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while leaders.setdefault(name, name) != name:
            name = leaders[name]
        return name

    for group in groups:
        first, *others = sorted(map(leader, group))
        leaders.update(dict.fromkeys(others, first))
    return {name: leader(name) for name in list(leaders)}


def settle_hashed(
    items: Mapping[str, Known], video_of: Mapping[str, str]
) -> tuple[dict[str, str], list[Skipped]]:
    """Which videos have to be in the same split, for ``files.split_by_hash``.

    Args:
      items: as of ``same_content``, by the id of a shot.
      video_of: each shot's video.

    Returns:
      For videos with the same content the one that counts for all; a note for each such shot.
    """
    groups = same_content(items)
    reason = "the same content as {}: kept in one split"
    notes = [
        Skipped(name, reason.format(group[0]), kept=True) for group in groups for name in group[1:]
    ]
    return join([video_of[name] for name in group] for group in groups), notes


def settle_given(
    items: Mapping[str, Known], video_of: Mapping[str, str], splits: Mapping[str, str]
) -> tuple[list[str], list[Skipped]]:
    """Which shots stay where the splits are given: test keeps what is in both, training does not.

    Args:
      items: as of ``same_content``, by the id of a shot.
      video_of: each shot's video.
      splits: each shot's split.

    Returns:
      The ids that stay, and an entry for each other, and for each that is there twice.
    """
    keys = {name: f"{splits[name]}\n{video_of[name]}" for name in items}
    groups = same_content(items)
    leaders = join([keys[name] for name in group] for group in groups)
    tested = {leaders[key]: key for key in leaders if key.startswith("test\n")}
    stay, notes = [], []
    for name in items:
        twin = tested.get(leaders.get(keys[name], ""))
        if splits[name] == "train" and twin:
            video = twin.partition("\n")[2]
            reason = f"the same content as {video} in test, which keeps it: not for training"
            notes.append(Skipped(name, reason))
        else:
            stay.append(name)
    left = set(stay)
    for group in groups:
        twice = [name for name in group if name in left]
        notes += [Skipped(name, f"the same content as {twice[0]}", kept=True) for name in twice[1:]]
    return stay, notes


def _regrouped(names: Iterable[str], key: Callable[[str], Any]) -> list[list[str]]:
    groups: dict[Any, list[str]] = defaultdict(list)
    for name in names:
        groups[key(name)].append(name)
    return list(groups.values())


def _known(items: Mapping[str, Known], digest: Callable[[Path], Any], name: str) -> tuple:
    count, files = items[name]
    return (count, *(digest(file) for file in files))


def _size(file: Path) -> Any:
    try:
        return file.stat().st_size or object()
    except OSError:
        return object()


def _ends(file: Path) -> Any:
    try:
        with file.open("rb") as stream:
            start = stream.read(_ENDS)
            stream.seek(-min(_ENDS, file.stat().st_size), 2)
            return hashlib.sha256(start + stream.read(_ENDS)).digest()
    except OSError:
        return object()


def _whole(file: Path) -> Any:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return object()
