"""What every data set hands out: a random-access source of clips."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

SPLITS = ("train", "test")
WINDOWS = ("all", "first", "overlapping")
CROPS = ("none", "center")


@runtime_checkable
class ClipSource(Protocol):
    """Random access to the clips of one split."""

    def __len__(self) -> int:
        """Number of clips."""
        ...

    def __getitem__(self, index: int) -> dict[str, Any]:
        """``{"clip": uint8 [frames, size, size, 3], "video": str}`` for one clip.

        With ``wind`` (float32 [2], see ``data.winds``) where the source was opened with it. Painted
        clips that know it have ``moving``: the share of each pixel that the wind moves (float32
        [size, size] in [0, 1]; NaN: not known). Opened with masks (``data.splits``) every clip has
        its ``mask`` (``data.moving``).
        """
        ...

    def describe(self) -> dict[str, Any]:
        """What was read and how, in JSON types; part of an evaluation's protocol.

        Keys: dataset, split, clips, windows, frames, size, frame_step, split_hash.
        """
        ...


def random_windows(windows: str) -> int | None:
    """N of ``"random:N"``, windows of each shot at random places; None for other windows."""
    found = re.fullmatch(r"random:([1-9]\d{0,5})", windows)
    return int(found[1]) if found else None


def check_options(
    split: str, size: int, frames: int, frame_step: int, windows: str, crop: str
) -> None:
    """Raises ValueError if an option of ``source`` has no meaning."""
    if split not in SPLITS:
        raise ValueError(f'Unknown split "{split}". Expected one of: {", ".join(SPLITS)}.')
    if windows not in WINDOWS and random_windows(windows) is None:
        raise ValueError(
            f'Unknown windows "{windows}". Expected "all" (every non-overlapping window of a '
            'shot) or "first" (one window a shot) or "overlapping" (one every quarter of a clip) '
            'or "random:N" (N of each shot, at random places).'
        )
    if crop not in CROPS:
        raise ValueError(
            f'Unknown crop "{crop}". Expected "none" (frames are squeezed to a square) or '
            '"center" (the middle square of each is taken).'
        )
    for name, value in (("size", size), ("frames", frames), ("frame_step", frame_step)):
        if value < 1:
            raise ValueError(f"{name} is {value}; expected a whole number of at least 1.")


def check_index(index: int, length: int) -> int:
    """``index`` in 0 .. length - 1, counted from the end if negative; else IndexError."""
    if not -length <= index < length:
        raise IndexError(f"Clip {index} was asked for; the source has {length} clips.")
    return int(index) % length


def hash_split(windows: Iterable[tuple[str, int]]) -> str:
    """SHA-256 (hexadecimal) over the id of the shot and the first frame of every clip."""
    digest = hashlib.sha256()
    for shot, start in windows:
        digest.update(f"{shot}\t{start}\n".encode())
    return digest.hexdigest()
