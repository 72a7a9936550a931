"""A photo as two layers: what moves, complete, and how much of it is seen before what stands still.

    photo = base + alpha * layer,  and so  frame = base + alpha * (layer moved)

The layer is the photo where it surely moves. Behind what stands still, and behind a margin along
its outlines (which holds its blur and its halo), are the colours of the nearest sky, and its
texture as in a mirror. So what stands before the sky neither moves nor leaves a trail in it.
"""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.animation.warping import filling
from ssagan_jax.animation.warping.grids import Grid, looked_up, places, ringed
from ssagan_jax.io.photo_files import Photo

_MARGIN = 0.0025  # of the long side: how far the blur of an outline reaches
_SURE = 250  # of 255
ISLAND = 0.1  # of the largest piece
_SOFT = 7  # cells: windows over which the mirror is smooth
_SMOOTH = 6.0  # cells: detail is what differs from means over this


def completed(
    photo: Photo, alpha: UInt8[np.ndarray, "h w"], grid: Grid, *, island: int | float = ISLAND
) -> Photo:
    """The layer that moves: the photo, with what stands still filled in.

    Args:
      island: pieces that are smaller, as a share of the largest, count as standing still.
    """
    own = _own(alpha)
    inside = _surely(own, alpha, grid, island)
    own = cv2.min(own, _over_photo(inside, own))
    colours = filling.smoothed(grid.reduced(photo), inside, radius=_SMOOTH)
    opposite = _smooth_mirror(inside)
    known = looked_up(inside, opposite)
    known = cv2.min(known, _soft(known))
    behind = ringed(np.dstack([colours, known]))
    texture = ringed(looked_up(colours, opposite))
    opposite = (ringed(opposite) + 0.5) * grid.step - 0.5
    layer = photo.copy()
    for tile in grid.tiles(height=256, width=512):
        where = grid.pixels(tile)
        share = own[where].astype(np.float32)[..., None] / 255
        if share.min() < 1:
            seen = looked_up(photo, grid.enlarged(opposite, tile)).astype(np.float32)
            detail = seen - grid.enlarged(texture, tile)
            plain = grid.enlarged(behind, tile)
            filled = plain[..., :3] + plain[..., 3:] * detail
            filled = share * photo[where] + (1 - share) * filled
            layer[where] = np.clip(np.round(filled), 0, 255)
    return layer


def _surely(
    own: np.ndarray, alpha: np.ndarray, grid: Grid, island: int | float
) -> Float[np.ndarray, "rows columns"]:
    """The cells that are the layer's own; if there are none, those that are it most.

    Without islands: bright rocks and roofs that pass for sky are not to fly.
    """
    inside = grid.reduced(own)
    if inside.max() < _SURE:
        inside = grid.reduced(alpha)
    inside = (inside >= min(_SURE, inside.max())).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    areas[0] = 0  # what is outside, which never counts
    return (areas >= max(1, island * areas.max()))[labels].astype(np.float32)


def _over_photo(inside: np.ndarray, like: np.ndarray) -> np.ndarray:
    """255 within cells that are inside and beside them, at the photo's size."""
    cells = cv2.dilate(255 * inside.astype(np.uint8), np.ones((3, 3), np.uint8))
    height, width = like.shape
    return cv2.resize(cells, (width, height), interpolation=cv2.INTER_NEAREST)


def _smooth_mirror(inside: np.ndarray) -> Float[np.ndarray, "rows columns 2"]:
    """``filling.mirrored`` of a smoother edge, and smooth where neighbours come from far apart."""
    shift = filling.mirrored(_soft(inside)) - places(*inside.shape)
    return places(*inside.shape) + _soft(shift)


def _soft(values: np.ndarray) -> np.ndarray:
    for _ in range(2):
        values = cv2.blur(values, (_SOFT, _SOFT), borderType=cv2.BORDER_REFLECT)
    return values


def _own(alpha: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w"]:
    """How much of the layer is the photo's: fades out within the margin inside of alpha."""
    margin = max(2, round(_MARGIN * max(alpha.shape)))
    window = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    sure = cv2.erode(np.where(alpha >= _SURE, 255, 0).astype(np.uint8), window)
    inwards = cv2.addWeighted(cv2.blur(sure, (margin, margin)), 2, sure, 0, -255)
    return cv2.min(inwards, sure)
