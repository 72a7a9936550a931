"""Where a photo may move: uint8 [H, W], 255 where it may, 0 where it may not."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from ssagan_jax.io.photo_files import BILINEAR, Photo, resize_image
from ssagan_jax.ops import guided

Mask = UInt8[np.ndarray, "h w"]

FEATHER = 0.01  # of the long side: how far from the edge inwards everything moves fully
_ASPECTS_DIFFER = 0.02  # relative: more than the rounding of a reduced copy
_WORKING_SIDE = 320  # pixels: the long side at which the sky is looked for
# Of a score up to 2: below it is never sky, above it always. So a photo of nothing but sky has no
# ground, and a dark one of nothing but ground no sky.
_UNSURE = (0.2, 0.45)
_LEAST_SKY = 0.02  # of the photo


def fitted(mask: np.ndarray, *, height: int, width: int) -> Mask:
    """A mask at a photo's size: stretched to it, if it has its aspect.

    Raises:
      ValueError: it is not a mask, or has another aspect.
    """
    if mask.dtype != np.uint8 or mask.ndim != 2 or 0 in mask.shape:
        raise ValueError(f"A mask is uint8 [H, W], got {mask.dtype} {list(mask.shape)}.")
    tall, wide = mask.shape
    if abs(tall * width - wide * height) > _ASPECTS_DIFFER * tall * width:
        raise ValueError(
            f"The mask is {wide} x {tall} pixels, which has another aspect than the photo's "
            f"{width} x {height}. Make it that size."
        )
    return resize_image(mask, height, width, method=BILINEAR)


def feathered(mask: Mask) -> Mask:
    """A mask whose white fades out towards its edge: inwards, so that black stays black."""
    radius = max(1.0, FEATHER * max(mask.shape) / 2)
    blurred = Image.fromarray(mask).filter(ImageFilter.GaussianBlur(radius))
    inner = 2 * np.asarray(blurred).astype(np.int16) - 255  # half is at the edge
    return np.minimum(inner.clip(0, 255).astype(np.uint8), mask)


def sky(photo: Photo) -> Mask:
    """The sky of a photo, by brightness, blueness and place.

    A pixel is like sky by its blue and by how much bluer than its red and green it is: blue sky,
    clouds and haze are high, leaves, earth and silhouettes low (Otsu's threshold parts them). What
    is unlike sky and reaches the bottom edge is ground; the sky is the rest, as far as it reaches
    the top edge: so dark clouds stay sky. The border then moves to the photo's own edges by a
    guided filter. There is no network behind it: water of the sky's colour, snow and white walls
    may count as sky, and the yellow of a low sun as ground.

    Raises:
      ValueError: hardly anything is sky by this.
    """
    height, width = photo.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    small_size = max(8, round(height * scale)), max(8, round(width * scale))
    small = resize_image(photo, *small_size, method=BILINEAR)
    score = _like_sky(small)
    threshold = np.clip(_otsu(score), *_UNSURE)
    ground = _reached(score <= threshold, from_row=-1)
    above = _reached(~ground, from_row=0)
    if above.mean() < _LEAST_SKY:
        raise ValueError("No sky found in the photo. Paint a mask and give it: --mask=FILE.png")
    return jax.device_get(_at_edges(above, small, photo))


def _like_sky(small: Photo) -> np.ndarray:
    """[h, w], from 0 to 2, smoothed."""
    red, green, blue = np.moveaxis(small.astype(np.float32) / 255, 2, 0)
    score = blue + np.maximum(0, blue - (red + green) / 2)
    return jax.device_get(_smoothed(score))


def _otsu(values: np.ndarray) -> float:
    """The threshold that parts values into two groups of the least variance within."""
    counts, edges = np.histogram(values, 128)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    weighted = np.cumsum(counts * centres)
    difference = weighted[:-1] / np.maximum(below, 1) - (weighted[-1] - weighted[:-1]) / np.maximum(
        above, 1
    )
    return float(edges[1 + np.argmax(below * above * difference**2)])


def _reached(allowed: np.ndarray, *, from_row: int) -> np.ndarray:
    """The pixels of ``allowed`` that are connected, by sides, with its first or last row."""
    found = np.zeros_like(allowed)
    found[from_row] = allowed[from_row]
    while True:
        grown = np.pad(found, 1)
        grown = (
            found | grown[:-2, 1:-1] | grown[2:, 1:-1] | grown[1:-1, :-2] | grown[1:-1, 2:]
        ) & allowed
        if (grown == found).all():
            return found
        found = grown


@jax.jit
def _smoothed(score: jax.Array) -> jax.Array:
    return guided.box_mean(score, radius=1)


@jax.jit
def _at_edges(above: jax.Array, small: jax.Array, photo: jax.Array) -> jax.Array:
    """The border at the photo's own edges, and not hard: uint8 [H, W]."""
    guide = guided.luminance(small)
    fitted = guided.fit(guide, above.astype(jnp.float32)[..., None], radius=6, epsilon=1e-3)
    planes = jnp.moveaxis(jnp.concatenate(fitted, axis=-1), -1, 0)
    height, width = photo.shape[:2]
    slope, offset = guided.enlarge(planes, size=(height, width), first=0, rows=height)
    share = slope * guided.luminance(photo) + offset
    return jnp.clip(255 * (2 * share - 0.5), 0, 255).astype(jnp.uint8)
