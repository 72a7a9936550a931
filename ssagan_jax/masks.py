"""Where a photo may move: uint8 [H, W], 255 where it may, 0 where it may not."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from ssagan_jax.ops import guided
from ssagan_jax.photo_io import Photo

Mask = UInt8[np.ndarray, "h w"]

FEATHER = 0.01  # of the long side: how far from the edge inwards everything moves fully
_ASPECTS_DIFFER = 0.02  # relative: more than the rounding of a reduced copy
_WORKING_SIDE = 320  # pixels: the long side at which the sky is looked for
_LEAST_SKY = 0.02  # of the photo
_THRESHOLDS = np.geomspace(8, 500, 64)  # of Sobel's gradient of greys in [0, 255]


def fitted(mask: Mask, *, height: int, width: int) -> Mask:
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
    return _resized(mask, height, width)


def feathered(mask: Mask) -> Mask:
    """A mask whose white fades out towards its edge: inwards, so that black stays black."""
    radius = max(1.0, FEATHER * max(mask.shape) / 2)
    blurred = Image.fromarray(mask).filter(ImageFilter.GaussianBlur(radius))
    inner = 2 * np.asarray(blurred).astype(np.int16) - 255  # half is at the edge
    return np.minimum(inner.clip(0, 255).astype(np.uint8), mask)


def sky(photo: Photo) -> Mask:
    """The sky of a photo: what lies above the first strong edge, column by column.

    How strong, is what parts the colours above and below best (Shen, Wang, *Sky Region Detection
    in a Single Image for Autonomous Ground Robot Navigation*, 2013). The border then moves to the
    photo's edges by a guided filter. Without a network: a building up to the top edge may count
    as sky, and what is below a strong edge in the clouds may not.

    Raises:
      ValueError: hardly anything is sky by this.
    """
    height, width = photo.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    small = _resized(photo, max(8, round(height * scale)), max(8, round(width * scale)))
    above = _above_border(small)
    if above.mean() < _LEAST_SKY:
        raise ValueError("No sky found in the photo. Paint a mask and give it: --mask=FILE.png")
    return _at_edges(above, small, photo)


def _above_border(small: Photo) -> np.ndarray:
    """bool [h, w], by the threshold with the highest score."""
    gradient = _gradient(np.asarray(Image.fromarray(small).convert("L"), np.float32))
    pixels = small.reshape(-1, 3).astype(np.float32)
    best, found = 0.0, np.zeros(gradient.shape, bool)
    for threshold in _THRESHOLDS:
        above = np.cumsum(gradient > threshold, axis=0) == 0
        if (score := _parted(pixels, above.ravel())) > best:
            best, found = score, above
    return found


def _parted(pixels: np.ndarray, above: np.ndarray) -> float:
    """The paper's measure: how even in colour sky and ground are, the sky counting twice."""
    if min(above.sum(), (~above).sum()) < 16:
        return 0.0
    total = 1e-6
    for weight, part in ((2, pixels[above]), (1, pixels[~above])):
        spread = np.linalg.eigvalsh(np.cov(part, rowvar=False))
        total += weight * (abs(np.prod(spread)) + abs(spread[-1]))
    return 1 / total


def _gradient(grey: np.ndarray) -> np.ndarray:
    """The length of Sobel's gradient."""
    padded = np.pad(grey, 1, mode="edge")
    smooth = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    across = smooth[:, 2:] - smooth[:, :-2]
    smooth = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return np.hypot(across, smooth[2:] - smooth[:-2])


def _at_edges(above: np.ndarray, small: Photo, photo: Photo) -> Mask:
    """The border at the photo's own edges, and not hard."""
    guide = guided.luminance(jnp.asarray(small))
    planes = guided.fit(guide, jnp.asarray(above, jnp.float32)[..., None], radius=6, epsilon=1e-3)
    planes = jnp.moveaxis(jnp.concatenate(planes, axis=-1), -1, 0)
    height, width = photo.shape[:2]
    slope, offset = guided.enlarge(planes, size=(height, width), first=0, rows=height)
    share = slope * guided.luminance(jnp.asarray(photo)) + offset
    return jax.device_get(jnp.clip(255 * (2 * share - 0.5), 0, 255).astype(jnp.uint8))


def _resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    if image.shape[:2] == (height, width):
        return image
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized)
