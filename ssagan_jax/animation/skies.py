"""The sky of a photo, by what a model that warps says moves, and by the photo itself.

A sky is what lies above one line from the left edge of the photo to the right one. Of all such
lines the best is found by dynamic programming: above it is what the model takes for moving, what
is high up in the photo and what is as smooth as its top; along it the photo's colours change, and
little of that happens above it; where it goes up or down, they change sideways. So a lake in the
colours of the sky stays below the horizon, and dark clouds and a night sky above it. A line that
nobody sees is no border: such a photo is all sky.
"""

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.animation.masks import Mask
from ssagan_jax.animation.warping import outlines, standing
from ssagan_jax.animation.warping.grids import Grid
from ssagan_jax.io.photo_files import Photo

_SIDE = 160  # pixels: the long side of the photo in which the line is looked for
_DETAIL = 4  # so much larger is the photo in which smoothness is looked at
_WINDOW = 17  # pixels of that one
# Log odds of a pixel to be sky: per log odds of the model's mask, which is never surer than
# ``_SUREST``; from the upper edge to the lower one; per log of its roughness over that of the top
# of the photo, at most ``_ROUGHEST``; and what is left. Fitted by logistic regression to masks
# made by hand (``benchmarks/skies.py``).
_MODEL, _PLACE, _ROUGH, _RATHER_SKY = 0.7, 3.0, 1.7, 1.3
_SUREST, _ROUGHEST, _TOP = 3.0, 2.0, 12  # the top is one in so many rows
_GRAIN = 0.5  # grey levels: roughness that says nothing
# In the same unit: an edge along the line, one above it, and a row the line goes up or down from a
# column to the next where their colours are the same.
_EDGE, _CROSSED, _STEP = 120.0, 7.0, 16.0
_FAINT = 16.0  # CIELAB units: such a difference is half of an edge
# A line with smaller differences on most of its length is no border: CIELAB units, and in a photo
# with little contrast a share of that.
_UNSEEN, _UNSEEN_SHARE = 5.0, 0.33
_NEAR = 2  # pixels above and below a line whose colours are compared
_LEAST = 0.04  # of the photo

Odds = Float[np.ndarray, "rows columns"]


def sky(photo: Photo, moving: Float[np.ndarray, "s s"]) -> Mask:
    """The sky of a photo, at its outlines, without thin things that stand before it.

    Args:
      photo: uint8 [H, W, 3].
      moving: the mask of a model that warps, 0 to 1.

    Raises:
      ValueError: hardly anything is sky by this.
    """
    found = above_the_line(photo, moving)
    if found.mean() < _LEAST:
        raise ValueError("No sky found in the photo. Paint a mask and give it: --mask=FILE.png")
    alpha = outlines.at_outlines(photo, found, Grid.of(*photo.shape[:2]))
    return standing.without_thin(photo, alpha)


def above_the_line(photo: Photo, moving: Float[np.ndarray, "s s"]) -> Odds:
    """1 above the best line, 0 below, in a copy of the photo of at most ``_SIDE`` pixels a side.

    1 everywhere if nobody sees that line: then there is no ground in the photo.
    """
    height, width = photo.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(8, round(width * scale)), max(8, round(height * scale))  # as OpenCV has it
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    differ = _differences(small)
    edges = differ / (differ + _FAINT)
    summed = np.pad(np.cumsum(_odds(photo, moving, size), axis=0), ((1, 0), (0, 0)))
    crossed = np.pad(np.cumsum(edges[:-1], axis=0), ((1, 0), (0, 0)))
    # Of a line above row r: what is above it is sky, what is below is not.
    line = _best_line(2 * summed - summed[-1] + _EDGE * edges - _CROSSED * crossed, _steps(small))
    along = np.median(np.take_along_axis(differ, line[None], axis=0))
    unseen = along < min(_UNSEEN, _UNSEEN_SHARE * _contrast(small))
    if unseen and line.mean() >= _LEAST * size[1]:
        line[:] = size[1]
    return (np.arange(size[1])[:, None] < line).astype(np.float32)


def _odds(photo: Photo, moving: np.ndarray, size: tuple[int, int]) -> Odds:
    """Logarithms of the odds that pixels are sky."""
    mask = np.clip(cv2.resize(moving, size, interpolation=cv2.INTER_LINEAR), 1e-3, 1 - 1e-3)
    model = np.clip(np.log(mask / (1 - mask)), -_SUREST, _SUREST)
    down = (np.arange(size[1]) + 0.5)[:, None] / size[1]
    rough = np.log(_roughness(photo, size) + _GRAIN)
    rough = np.clip(rough - np.median(rough[: max(1, size[1] // _TOP)]), -_ROUGHEST, _ROUGHEST)
    return _MODEL * model + _PLACE * (0.5 - down) - _ROUGH * rough + _RATHER_SKY


def _roughness(photo: Photo, size: tuple[int, int]) -> Odds:
    """Mean size of the Laplacian around pixels, in grey levels."""
    large = cv2.resize(photo, (_DETAIL * size[0], _DETAIL * size[1]), interpolation=cv2.INTER_AREA)
    detail = np.abs(cv2.Laplacian(cv2.cvtColor(large, cv2.COLOR_RGB2GRAY), cv2.CV_32F))
    return cv2.resize(cv2.blur(detail, (_WINDOW, _WINDOW)), size, interpolation=cv2.INTER_AREA)


def _differences(small: Photo) -> Float[np.ndarray, "h_and_1 w"]:
    """Of colours above and below a line above each row, and below the last: CIELAB units."""
    padded = cv2.blur(np.pad(_colours(small), ((_NEAR, _NEAR), (0, 0), (0, 0)), "edge"), (3, 1))
    summed = np.pad(np.cumsum(padded, axis=0), ((1, 0), (0, 0), (0, 0)))
    means = (summed[_NEAR:] - summed[:-_NEAR]) / _NEAR
    return np.linalg.norm(means[_NEAR:] - means[:-_NEAR], axis=-1)


def _colours(small: Photo) -> Float[np.ndarray, "h w 3"]:
    """In CIELAB units."""
    return cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _contrast(small: Photo) -> float:
    """Standard deviation of the photo's colours, in CIELAB units."""
    return float(np.linalg.norm(_colours(small).std(axis=(0, 1))))


def _steps(small: Photo) -> Float[np.ndarray, "h w_less_1"]:
    """What a line pays for each row between a column and the next: less where colours change."""
    differ = np.linalg.norm(np.diff(_colours(small), axis=1), axis=-1)
    return _STEP * _FAINT / (differ + _FAINT)


def _best_line(
    score: Float[np.ndarray, "rows_and_1 w"], across: Float[np.ndarray, "rows w_less_1"]
) -> np.ndarray:
    """The row of each column, of the line with the largest sum of scores less its steps.

    Args:
      score: of a line above each row, and below the last.
      across: what it costs to pass a row on the way from a column to the next.
    """
    passed = np.pad(np.cumsum(across, axis=0), ((1, 0), (0, 0)))
    best, came_from = score[:, 0], []
    for column, rows in zip(score.T[1:], passed.T, strict=True):
        reached = best - np.abs(rows[:, None] - rows)  # [to, from]
        came_from.append(reached.argmax(axis=1))
        best = reached.max(axis=1) + column
    line = [int(best.argmax())]
    for before in reversed(came_from):
        line.append(int(before[line[-1]]))
    return np.array(line[::-1])
