"""A camera that shakes a little, held still: every frame is moved to where the middle one looks."""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.data.footage import camera
from ssagan_jax.data.footage.bars import Box

_LEFT = 0.7  # share of each side that must be left of the picture
_FEWEST = 12  # corners in the lower half, where the land is; with fewer, all of them count
_FOLLOW = 0.4  # share of the corners that must follow one motion


class Steady(NamedTuple):
    """How a stretch is held still.

    Attributes:
      turns: for each frame where its pixels come from, [T, 2, 3], in pixels of the small frames.
      width: of the small frames.
    """

    turns: Float[np.ndarray, "t 2 3"]
    width: int

    def frame(self, number: int, frame: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
        """Frame of that number, in full size, as the middle one looks."""
        turn = self.turns[number].copy()
        turn[:, 2] *= frame.shape[1] / self.width
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = frame.shape[1], frame.shape[0]
        return cv2.warpAffine(frame, turn, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)

    def box(self, height: int, width: int) -> Box | None:
        """What every frame of this size shows; None if that is too little."""
        turns = self.turns.copy()
        turns[:, :, 2] *= width / self.width
        corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], float)
        seen = (corners - turns[:, None, :, 2]) @ np.linalg.inv(turns[:, :, :2]).transpose(0, 2, 1)
        left, right = seen[:, [0, 2], 0].max(), seen[:, [1, 3], 0].min()
        top, bottom = seen[:, [0, 1], 1].max(), seen[:, [2, 3], 1].min()
        box = Box(
            max(0, int(np.ceil(top))),
            min(height, int(bottom)),
            max(0, int(np.ceil(left))),
            min(width, int(right)),
        )
        enough = box.bottom - box.top > _LEFT * height and box.right - box.left > _LEFT * width
        return box if enough else None


def turn_between(
    before: UInt8[np.ndarray, "h w"], after: UInt8[np.ndarray, "h w"]
) -> Float[np.ndarray, "2 3"]:
    """From places in a frame to those in the next, both ``evened``; NaN if that is not sure."""
    nothing = np.full((2, 3), np.nan)
    corners = camera.find_corners(before)
    low = corners[corners[:, 1] > before.shape[0] / 2]
    corners = low if len(low) >= _FEWEST else corners
    if not len(corners):
        return nothing
    places, found = camera.follow(before, after, corners)
    turn, rigid = camera.fit(corners[found], places[found])
    return nothing if turn is None or rigid.sum() < _FOLLOW * len(corners) else turn


def steady(turns: Float[np.ndarray, "t 2 3"], height: int, width: int) -> Steady | None:
    """How to hold a stretch still; None if it moves too far, or that is not known.

    Args:
      turns: of each of its frames from the one before it; the first one's is not looked at.
      height, width: of the small frames.
    """
    if np.isnan(turns[1:]).any():
        return None
    way = [np.eye(3)]
    for turn in turns[1:]:
        way.append(np.vstack([turn, [0, 0, 1]]) @ way[-1])
    middle = np.linalg.inv(way[len(way) // 2])
    held = Steady(np.stack([(step @ middle)[:2] for step in way]), width)
    return held if held.box(height, width) is not None else None
