"""Structural similarity (SSIM; Wang et al. 2004)."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ssagan_jax.metrics.conventions import Convention
from ssagan_jax.ops.window import gaussian, inner_mean, uniform

K1, K2 = 0.01, 0.03


def ssim(
    prediction: Float[Array, "*b h w 3"],
    reference: Float[Array, "*b h w 3"],
    *,
    convention: Convention,
) -> Float[Array, "*b"]:
    """SSIM of each frame: the mean over its inner pixels and over RGB; 1 is best.

    The numbers of scikit-image's ``structural_similarity`` with the convention's
    ``data_range`` and window. Pixels closer to a border than half a window are
    dropped.

    Args:
      prediction: frames, floats in [-1, 1].
      reference: the real frames, likewise.
      convention: gives the value range, the window and the kind of covariance.

    Raises:
      ValueError: if the frames are smaller than the window.
    """
    _check_size(*prediction.shape[-3:-1], size=convention.window_size)
    x, y = (jnp.moveaxis(convention.rescale(f), -1, -3) for f in (prediction, reference))
    weights, unbias = _weights(convention), _unbias(convention)
    mean_x, mean_y = inner_mean(x, weights), inner_mean(y, weights)
    var_x = unbias * (inner_mean(x * x, weights) - mean_x * mean_x)
    var_y = unbias * (inner_mean(y * y, weights) - mean_y * mean_y)
    covariance = unbias * (inner_mean(x * y, weights) - mean_x * mean_y)
    c1, c2 = (K1 * convention.peak) ** 2, (K2 * convention.peak) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (var_x + var_y + c2)
    return jnp.mean(luminance * structure, axis=(-3, -2, -1))


def _check_size(height: int, width: int, *, size: int) -> None:
    if min(height, width) < size:
        raise ValueError(
            f"Frames of {height} x {width} pixels are smaller than the {size} x {size} window "
            f"of SSIM. Score frames of at least {size} x {size} pixels."
        )


def _unbias(convention: Convention) -> float:
    """n / (n - 1) for the n pixels of a window, if the covariance is a sample's."""
    pixels = convention.window_size**2
    return pixels / (pixels - 1) if convention.sample_covariance else 1.0


def _weights(convention: Convention) -> np.ndarray:
    if convention.window == "uniform":
        return uniform(convention.window_size)
    return gaussian(convention.window_size, sigma=convention.sigma)


FRAME = {"ssim": ssim}
BETTER = {"ssim": "higher"}
