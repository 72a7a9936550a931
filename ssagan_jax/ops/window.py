"""Local averages over image windows, as products with banded matrices.

A product with a banded matrix is fast on every backend, forwards and backwards, where a
depthwise convolution is slow on a CPU.
"""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


def gaussian(width: int, sigma: float) -> np.ndarray:
    """``width`` weights of a Gaussian with the standard deviation ``sigma``, summing to 1."""
    offsets = np.arange(width) - (width - 1) / 2
    weights = np.exp(-0.5 * np.square(offsets / sigma))
    return weights / weights.sum()


def uniform(width: int) -> np.ndarray:
    """``width`` equal weights, summing to 1."""
    return np.full(width, 1.0 / width)


def window_mean(
    images: Float[Array, "... h w c"], weights: np.ndarray
) -> Float[Array, "... h2 w2 c"]:
    """The weighted mean over every window that lies wholly inside the image.

    Args:
      images: any leading axes.
      weights: of one axis; the window is their outer product with themselves.

    Returns:
      Images smaller by ``len(weights) - 1`` pixels in height and width.

    Raises:
      ValueError: if the window is larger than the image.
    """
    height, width = images.shape[-3:-1]
    if min(height, width) < len(weights):
        raise ValueError(
            f"A window of {len(weights)} pixels does not fit images of {height} x {width} pixels."
        )
    rows, columns = _band(weights, height), _band(weights, width)
    rows, columns = rows.astype(images.dtype), columns.astype(images.dtype)
    return jnp.einsum("ah,...hwc,bw->...abc", rows, images, columns, precision="highest")


def _band(weights: np.ndarray, size: int) -> jnp.ndarray:
    """[size - len(weights) + 1, size]: row i holds the weights from column i on."""
    count = size - len(weights) + 1
    band = np.zeros((count, size), np.float32)
    for row in range(count):
        band[row, row : row + len(weights)] = weights
    return jnp.asarray(band)
