"""Values where there are none: fields beyond what moves, sky behind what stands before it."""

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.animation.warping.grids import places

_LEAST = 1e-6  # weight: below it there is no value


def spread(
    values: Float[np.ndarray, "h w c"], weight: Float[np.ndarray, "h w"]
) -> Float[np.ndarray, "h w c"]:
    """Values where their weight is 1; elsewhere, as far as it is less, those of coarser levels.

    Push-pull: halved again and again, weighted, until values are everywhere; then back, each
    level filling what the finer one lacks. Smooth, and nearest values count most.

    Args:
      values: float32; ignored where the weight is 0.
      weight: 0 to 1.
    """
    if weight.max() < _LEAST:
        return np.zeros_like(values)
    height, width = weight.shape
    if max(height, width) <= 2:
        mean = (values * weight[..., None]).sum((0, 1)) / weight.sum()
        return np.broadcast_to(mean, values.shape).astype(np.float32)
    sums = _halved(values * weight[..., None])
    share = _halved(weight)
    means = sums / np.maximum(share, _LEAST)[..., None]
    behind = spread(means, np.minimum(1, 2 * share))
    behind = _resized(behind, height, width, cv2.INTER_LINEAR)
    share = weight[..., None]
    return share * values + (1 - share) * behind


def smoothed(
    values: Float[np.ndarray, "h w c"], weight: Float[np.ndarray, "h w"], *, radius: int | float
) -> Float[np.ndarray, "h w c"]:
    """Weighted means over Gaussian windows, spread to where windows hold no weight.

    Args:
      radius: standard deviation of the windows, in pixels.
    """
    sums = cv2.GaussianBlur(values * weight[..., None], (0, 0), radius).reshape(values.shape)
    share = cv2.GaussianBlur(weight, (0, 0), radius)
    means = sums / np.maximum(share, _LEAST)[..., None]
    return spread(means, np.clip(4 * share, 0, 1))


def mirrored(inside: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w 2"]:
    """For each pixel outside, the one on the other side of the nearest edge: (x, y).

    Args:
      inside: 1 inside, 0 outside. Pixels inside keep their own place.
    """
    outside = (inside < 0.5).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rows, columns = np.nonzero(outside == 0)
    nearest = np.zeros((labels.max() + 1, 2), np.float32)
    nearest[labels[rows, columns]] = np.stack([columns, rows], axis=-1)
    return 2 * nearest[labels] - places(*inside.shape)


def _halved(values: np.ndarray) -> np.ndarray:
    height, width = values.shape[:2]
    return _resized(values, -(-height // 2), -(-width // 2), cv2.INTER_AREA)


def _resized(values: np.ndarray, height: int, width: int, method: int) -> np.ndarray:
    resized = cv2.resize(values, (width, height), interpolation=method)
    return resized.reshape(height, width, *values.shape[2:])  # OpenCV drops an axis of one
