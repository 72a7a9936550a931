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
from ssagan_jax.animation.warping.grids import Grid, looked_up, ringed
from ssagan_jax.io.photo_files import Photo

_MARGIN = 0.0025  # of the long side: how far the blur of an outline reaches
_SURE = 250  # of 255
_SMOOTH = 6.0  # cells: detail is what differs from means over this


def completed(photo: Photo, alpha: UInt8[np.ndarray, "h w"], grid: Grid) -> Photo:
    """The layer that moves: the photo, with what stands still filled in."""
    own = _own(alpha)
    inside = _surely(own, alpha, grid)
    colours = filling.smoothed(grid.reduced(photo), inside, radius=_SMOOTH)
    opposite = filling.mirrored(inside)
    known = looked_up(inside, opposite)
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


def _surely(own: np.ndarray, alpha: np.ndarray, grid: Grid) -> Float[np.ndarray, "rows columns"]:
    """The cells that are the layer's own; if there are none, those that are it most."""
    inside = grid.reduced(own)
    if inside.max() < _SURE:
        inside = grid.reduced(alpha)
    return (inside >= min(_SURE, inside.max())).astype(np.float32)


def _own(alpha: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w"]:
    """How much of the layer is the photo's: fades out within the margin inside of alpha."""
    margin = max(2, round(_MARGIN * max(alpha.shape)))
    window = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    sure = cv2.erode(np.where(alpha >= _SURE, 255, 0).astype(np.uint8), window)
    inwards = cv2.addWeighted(cv2.blur(sure, (margin, margin)), 2, sure, 0, -255)
    return cv2.min(inwards, sure)
