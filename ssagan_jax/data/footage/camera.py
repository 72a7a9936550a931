"""Whether a camera stands still over some frames, although the clouds before it move.

Corners of the first frame are followed to the last, and those that still look the same there are
solid: land, houses, a shore. Where a camera stands, they stay where they are. Where it pans, zooms
or shakes, most of them follow one motion of the whole picture. Where nothing is solid, as of a
sky alone, nothing is known, and the camera is taken to stand.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, UInt8

SPAN, STRIDE = 12, 6  # frames that a camera is watched over, and from one watch to the next
PER_CLIP = 32  # frames; the limit is for so many
_HOP = 3  # frames from one search of the corners to the next
_CORNERS, _FEWEST = 200, 6
_GRID = (4, 6)  # cells in height and width; each has a say as large as the others
_STAYS = 0.6  # pixels of the small frames
_RIGID = 0.5  # pixels from where one motion of the picture would take a corner
_ALIKE = 0.95  # correlation of the pixels around a corner
_SOLID = 0.1  # share of the corners
_MOST = 0.5  # share of the solid ones
_FEW = 0.55  # of those that follow one motion; of a zoom, the middle stays
_STANDS, _SURE = 0.65, 0.05  # of those that follow one motion; of all
_SURROUNDINGS = 12  # pixels
_RADIUS = 7  # of what is around a corner, in pixels
_FLOW: Any = {"winSize": (15, 15), "maxLevel": 3}


class Motion(NamedTuple):
    """How the solid part of a picture moves over ``SPAN`` frames.

    Attributes:
      solid: share of the corners that look the same at the end.
      still: share of the corners that are solid and where they were.
      rigid: share of the corners that are solid and follow one shift, turn and zoom.
      shift: how far that moves the picture, as a share of its width (root of the mean square).
    """

    solid: float = 0.0
    still: float = 0.0
    rigid: float = 0.0
    shift: float = 0.0

    def moves(self, limit: float) -> bool:
        """Whether the picture moves by more than ``limit``, a share of its width."""
        return (
            self.solid > _SOLID
            and self.rigid > _MOST * self.solid
            and self.still < _FEW * self.rigid
            and self.shift > limit
        )

    def stands(self) -> bool:
        """Whether it is sure that the camera stands: what is solid stays where it is."""
        return self.still > _SURE and self.still > _STANDS * self.rigid


def watch(greys: Sequence[UInt8[np.ndarray, "h w"]]) -> tuple[Motion, Motion]:
    """The motion over ``SPAN + 1`` consecutive frames, ``evened``, and that of their lower half."""
    height, width = greys[0].shape
    corners = find_corners(greys[0])
    if len(corners) < _FEWEST:
        return Motion(), Motion()
    places, there = corners, np.ones(len(corners), bool)
    for before, after in zip(greys[:-1:_HOP], greys[_HOP::_HOP], strict=True):
        places, found = follow(before, after, places)
        there &= found
    there &= _alike(greys[0], corners, greys[-1], places) > _ALIKE
    low = corners[:, 1] > height / 2
    return (
        _motion(corners, places, there, height, width),
        _motion(corners[low], places[low], there[low], height, width),
    )


def verdict(watched: tuple[Motion, Motion], limit: float, steps: int = SPAN) -> int:
    """1: the camera moves by more than ``limit`` over a clip; -1: it stands; 0: nothing is known.

    ``steps`` is how many of the frames are not the same as the one before.

    The land is below: where the sky has the most corners, the lower half tells.
    """
    limit *= steps / PER_CLIP
    if any(motion.moves(limit) for motion in watched):
        return 1
    return -1 if any(motion.stands() for motion in watched) else 0


def evened(grey: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w"]:
    """Greys without what changes with the light: their surroundings, and their contrast."""
    even = grey - cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _SURROUNDINGS)
    return (128 + 40 * even / max(float(even.std()), 2.0)).clip(0, 255).astype(np.uint8)


def _motion(
    corners: np.ndarray, places: np.ndarray, there: np.ndarray, height: int, width: int
) -> Motion:
    if len(corners) < _FEWEST:
        return Motion()
    weights = _weights(corners, height, width)
    stays = there & (np.linalg.norm(places - corners, axis=1) < _STAYS)
    solid, still = float(weights[there].sum()), float(weights[stays].sum())
    turn, rigid = fit(corners[there], places[there])
    if turn is None:
        return Motion(solid, still)
    return Motion(solid, still, float(weights[there][rigid].sum()), _shift(turn, height, width))


def find_corners(grey: UInt8[np.ndarray, "h w"]) -> Float[np.ndarray, "n 2"]:
    """Corners above the noise, (right, down) in pixels. Edges are none: along them all slides."""
    strength = cv2.cornerMinEigenVal(grey, 5)
    best, noise = float(strength.max()), 3 * float(np.percentile(strength, 20))
    if best <= max(noise, 1e-4):
        return np.zeros((0, 2), np.float32)
    quality = min(0.5, max(0.01, noise / best))
    found = cv2.goodFeaturesToTrack(grey, _CORNERS, quality, 4, blockSize=5)
    return np.zeros((0, 2), np.float32) if found is None else found[:, 0]


def follow(
    before: UInt8[np.ndarray, "h w"], after: UInt8[np.ndarray, "h w"], places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the corners are in the next frame, and of which that is sure: they are found back."""
    start = np.ascontiguousarray(places[:, None], np.float32)
    nothing: Any = None
    found, there, _ = cv2.calcOpticalFlowPyrLK(before, after, start, nothing, **_FLOW)
    back, again, _ = cv2.calcOpticalFlowPyrLK(after, before, found, nothing, **_FLOW)
    sure = (there > 0) & (again > 0)
    return found[:, 0], sure[:, 0] & (np.linalg.norm((back - start)[:, 0], axis=1) < _STAYS)


def fit(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """One shift, turn and zoom, 2 x 3, that takes most corners along, and which; or None."""
    nothing = np.zeros(len(before), bool)
    if len(before) < _FEWEST:
        return None, nothing
    cv2.setRNGSeed(0)
    turn, inside = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=_RIGID)
    return (None, nothing) if turn is None else (turn, inside[:, 0] > 0)


def _alike(
    before: np.ndarray, corners: np.ndarray, after: np.ndarray, places: np.ndarray
) -> np.ndarray:
    """Correlation of what is around each corner in both frames; 0 at the border."""
    height, width = after.shape
    one, other = _around(before, corners), _around(after, places)
    inside = (places > 2).all(1) & (places[:, 0] < width - 3) & (places[:, 1] < height - 3)
    return inside * (one * other).sum(1)


def _around(grey: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The pixels around each place, [N, pixels], of mean 0 and norm 1."""
    offsets = np.arange(-_RADIUS, _RADIUS + 1, dtype=np.float32)
    side = len(offsets)
    x = np.repeat((places[:, 0, None] + offsets)[:, None], side, 1).reshape(-1, side)
    y = np.repeat((places[:, 1, None] + offsets)[:, :, None], side, 2).reshape(-1, side)
    maps = x.astype(np.float32), y.astype(np.float32)
    border = cv2.BORDER_REFLECT
    found = cv2.remap(grey.astype(np.float32), *maps, cv2.INTER_LINEAR, borderMode=border)
    found = found.reshape(len(places), -1)
    found -= found.mean(1, keepdims=True)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-3)


def _weights(places: np.ndarray, height: int, width: int) -> np.ndarray:
    """Of each corner, so that a crowd in one cell of the picture counts no more than a few."""
    rows = (places[:, 1] * _GRID[0] / height).astype(int).clip(0, _GRID[0] - 1)
    columns = (places[:, 0] * _GRID[1] / width).astype(int).clip(0, _GRID[1] - 1)
    cells = rows * _GRID[1] + columns
    counts = np.bincount(cells, minlength=_GRID[0] * _GRID[1])
    weights = np.minimum(counts, 4)[cells] / counts[cells]
    return weights / weights.sum()


def _shift(turn: np.ndarray, height: int, width: int) -> float:
    y, x = np.mgrid[0:1:5j, 0:1:5j]
    places = np.stack([x.ravel() * width, y.ravel() * height, np.ones(25)])
    moved = turn @ places - places[:2]
    return float(np.sqrt((moved**2).sum(0).mean()) / width)
