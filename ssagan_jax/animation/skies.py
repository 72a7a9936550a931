"""The sky of a photo, by what a model that warps says moves, and by the photo itself.

A sky is what lies above one line from the left edge of the photo to the right one. Of all such
lines the best is found by dynamic programming: above it is what the model takes for moving, what
is high up in the photo and what is smooth; along it the photo's colours change, and little of that
happens above it. So a lake in the colours of the sky stays below the horizon, and dark clouds
and a night sky above it.
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
# Log odds of a pixel to be sky, at most, by each sign: the model's mask, the place (the upper
# edge, and minus as much at the lower one) and smoothness (the smoothest pixel to the roughest).
_MODEL, _PLACE, _SMOOTH, _RATHER_SKY = 3.0, 2.0, 4.0, 1.0
# In the same unit: an edge along the line, one above it, and a row the line goes up or down from a
# column to the next (after ``_JUMP`` rows that costs no more).
_EDGE, _CROSSED, _STEP, _JUMP = 80.0, 6.0, 6.0, 40
_FAINT = 16.0  # CIELAB units: such a difference is half of an edge
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
    """1 above the best line, 0 below, in a copy of the photo of at most ``_SIDE`` pixels a side."""
    height, width = photo.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(8, round(width * scale)), max(8, round(height * scale))  # as OpenCV has it
    edges = _edges(cv2.resize(photo, size, interpolation=cv2.INTER_AREA))
    summed = np.pad(np.cumsum(_odds(photo, moving, size), axis=0), ((1, 0), (0, 0)))
    crossed = np.pad(np.cumsum(edges[:-1], axis=0), ((1, 0), (0, 0)))
    # Of a line above row r: what is above it is sky, what is below is not.
    line = _best_line(2 * summed - summed[-1] + _EDGE * edges - _CROSSED * crossed)
    return (np.arange(size[1])[:, None] < line).astype(np.float32)


def _odds(photo: Photo, moving: np.ndarray, size: tuple[int, int]) -> Odds:
    """Logarithms of the odds that pixels are sky."""
    mask = np.clip(cv2.resize(moving, size, interpolation=cv2.INTER_LINEAR), 0.01, 0.99)
    model = np.clip(np.log(mask / (1 - mask)), -_MODEL, _MODEL)
    down = (np.arange(size[1]) + 0.5)[:, None] / size[1]
    rough = _ranks(_roughness(photo, size))
    return model + _PLACE * (1 - 2 * down) + _SMOOTH * (0.5 - rough) + _RATHER_SKY


def _roughness(photo: Photo, size: tuple[int, int]) -> Odds:
    """Mean size of the Laplacian around pixels, in grey levels."""
    large = cv2.resize(photo, (_DETAIL * size[0], _DETAIL * size[1]), interpolation=cv2.INTER_AREA)
    detail = np.abs(cv2.Laplacian(cv2.cvtColor(large, cv2.COLOR_RGB2GRAY), cv2.CV_32F))
    return cv2.resize(cv2.blur(detail, (_WINDOW, _WINDOW)), size, interpolation=cv2.INTER_AREA)


def _ranks(values: np.ndarray) -> np.ndarray:
    """For each value the share of values below it."""
    order = np.argsort(values, axis=None, kind="stable")
    ranks = np.empty(values.size, np.float32)
    ranks[order] = (np.arange(values.size) + 0.5) / values.size
    return ranks.reshape(values.shape)


def _edges(small: Photo) -> Float[np.ndarray, "h_and_1 w"]:
    """How much colours differ above and below a line above each row, and below the last: 0 to 1."""
    colours = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    padded = cv2.blur(np.pad(colours, ((_NEAR, _NEAR), (0, 0), (0, 0)), "edge"), (3, 1))
    summed = np.pad(np.cumsum(padded, axis=0), ((1, 0), (0, 0), (0, 0)))
    means = (summed[_NEAR:] - summed[:-_NEAR]) / _NEAR
    differ = np.linalg.norm(means[_NEAR:] - means[:-_NEAR], axis=-1)
    return differ / (differ + _FAINT)


def _best_line(score: Float[np.ndarray, "rows w"]) -> np.ndarray:
    """The row of each column, of the line with the largest sum of scores less its steps."""
    rows = np.arange(len(score))
    cost = _STEP * np.minimum(np.abs(rows[:, None] - rows), _JUMP)
    best, came_from = score[:, 0], []
    for column in score.T[1:]:
        reached = best - cost  # [to, from]
        came_from.append(reached.argmax(axis=1))
        best = reached.max(axis=1) + column
    line = [int(best.argmax())]
    for before in reversed(came_from):
        line.append(int(before[line[-1]]))
    return np.array(line[::-1])
