"""What moves, at the photo's own outlines: from the model's mask to one of the photo's size.

The guided filter (He, Sun, Tang 2013) with colour as its guide: around each cell the mask is
fitted as a linear function of the photo's red, green and blue, and the function, not its values,
goes to the photo's size.
"""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.animation.warping.grids import Grid, Tile, ringed
from ssagan_jax.io.photo_files import Photo

_UNSURE = (0.25, 0.75)  # of the fitted mask: below nothing moves, above all does
_EPSILON = 1e-4  # contrast squared, colours in [0, 1], below which a window is taken as flat
_RADIUS = 6  # cells to each side of a window
_PASSES = 2


def at_outlines(
    photo: Photo, mask: Float[np.ndarray, "rows columns"], grid: Grid
) -> UInt8[np.ndarray, "h w"]:
    """The mask at the photo's size and outlines: 255 where all moves, 0 where nothing does.

    Args:
      mask: of any size, 0 to 1.
    """
    guide = grid.reduced(photo) / 255
    found = grid.sampled(mask)
    for _ in range(_PASSES):
        planes = _fit(guide, found)
        found = _decided((planes[..., :3] * guide).sum(axis=-1) + planes[..., 3])
    full = np.empty(photo.shape[:2], np.uint8)
    planes = ringed(planes)
    for tile in grid.tiles(height=256, width=512):
        full[grid.pixels(tile)] = _applied(photo, planes, grid, tile)
    return full


def _applied(photo: Photo, planes: np.ndarray, grid: Grid, tile: Tile) -> np.ndarray:
    stretched = grid.enlarged(planes, tile)
    colours = photo[grid.pixels(tile)].astype(np.float32) / 255
    share = (stretched[..., :3] * colours).sum(axis=-1) + stretched[..., 3]
    return np.round(255 * _decided(share)).astype(np.uint8)


def _decided(share: np.ndarray) -> np.ndarray:
    return np.clip((share - _UNSURE[0]) / (_UNSURE[1] - _UNSURE[0]), 0, 1)


def _fit(
    guide: Float[np.ndarray, "h w 3"], mask: Float[np.ndarray, "h w"]
) -> Float[np.ndarray, "h w 4"]:
    """Three slopes and an offset for each cell, means over all windows that hold it."""
    mean = _box(guide)
    level = _box(mask)
    together = _box(guide * mask[..., None]) - mean * level[..., None]
    products = guide[..., :, None] * guide[..., None, :]
    spread = _box(products.reshape(*guide.shape[:2], 9)).reshape(products.shape)
    spread -= mean[..., :, None] * mean[..., None, :]
    slopes = np.linalg.solve(spread + _EPSILON * np.eye(3, dtype=np.float32), together[..., None])
    offset = level - (slopes[..., 0] * mean).sum(axis=-1)
    return _box(np.concatenate([slopes[..., 0], offset[..., None]], axis=-1).astype(np.float32))


def _box(values: np.ndarray) -> np.ndarray:
    window = (2 * _RADIUS + 1, 2 * _RADIUS + 1)
    return cv2.blur(values, window, borderType=cv2.BORDER_REFLECT)
