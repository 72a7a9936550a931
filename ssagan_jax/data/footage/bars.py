"""Black bars around a picture: above and below, left and right."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

_BLACK = 24  # grey levels; limited range and compression leave a little
_EVEN = 4  # grey levels between the brightest pixels of a bar and its mean
_FILLED = 0.5  # share of the first line of a picture that is brighter than a bar, in some frame
_LARGEST = 0.4  # of a side
_EDGE = 2  # pixels beside a bar that are mixed with it


class Borders(NamedTuple):
    """Of each row and each column of a frame: its brightest pixels, and how many are not black."""

    rows: Float[np.ndarray, "h"]
    columns: Float[np.ndarray, "w"]
    filled_rows: Float[np.ndarray, "h"]
    filled_columns: Float[np.ndarray, "w"]


class Box(NamedTuple):
    """A part of a picture, in pixels: up to, not with, ``bottom`` and ``right``."""

    top: int
    bottom: int
    left: int
    right: int

    def of(self, frame: np.ndarray) -> np.ndarray:
        """That part of a frame [H, W, ...]."""
        return frame[self.top : self.bottom, self.left : self.right]


def borders(frame: UInt8[np.ndarray, "h w 3"]) -> Borders:
    """What ``find_box`` needs of a frame."""
    bright = frame.max(axis=2)
    black = bright < _BLACK
    return Borders(
        np.percentile(bright, 99, axis=1),
        np.percentile(bright, 99, axis=0),
        1 - black.mean(axis=1),
        1 - black.mean(axis=0),
    )


def find_box(seen: Sequence[Borders]) -> Box | None:
    """The picture within black bars, by some frames of one scene; None if there are no bars.

    A bar is black in all of them, and ends at a straight line: a dark hill does not.
    """
    if not seen or len({(len(one.rows), len(one.columns)) for one in seen}) > 1:
        return None
    tops = _bars(
        np.max([one.rows for one in seen], 0), np.max([one.filled_rows for one in seen], 0)
    )
    sides = _bars(
        np.max([one.columns for one in seen], 0), np.max([one.filled_columns for one in seen], 0)
    )
    if not any((*tops, *sides)):
        return None
    height, width = len(seen[0].rows), len(seen[0].columns)
    return Box(tops[0], height - tops[1], sides[0], width - sides[1])


def _bars(brightest: np.ndarray, filled: np.ndarray) -> tuple[int, int]:
    """How many lines are bars at the beginning and at the end."""
    return _bar(brightest, filled), _bar(brightest[::-1], filled[::-1])


def _bar(brightest: np.ndarray, filled: np.ndarray) -> int:
    dark = brightest < _BLACK
    size = len(dark) if dark.all() else int(np.argmin(dark))
    if not 2 <= size <= _LARGEST * len(dark):
        return 0
    straight = filled[size : size + 1 + _EDGE].max() > _FILLED
    return size + _EDGE if straight else 0
