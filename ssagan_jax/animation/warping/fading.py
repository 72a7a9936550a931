"""One texture fading into another without turning soft.

The mean of two textures that know nothing of each other has half of their variance, so in the
middle of a plain cross-fade clouds go pale and soft. Here deviations from a low-pass are
amplified to the variance between those of the two. Detail finer than a cell of the grid gets one
gain by how far apart the two sample the photo; all that is coarser is amplified at the grid's own
size, by the variances that are found there.
"""

import cv2
import numpy as np
from jaxtyping import Float

_RADIUS = 16  # cells: half of the window of the low-pass
_MOST = 1.5  # gain of what is coarser than a cell
_NOISE = 4.0  # grey levels squared: below, a variance is none

Layer = Float[np.ndarray, "rows columns 3"]  # grey levels


def faded(
    one: Layer, two: Layer, *, share: float, apart: Float[np.ndarray, "rows columns"]
) -> tuple[Float[np.ndarray, "rows columns"], Layer]:
    """Gain and rest: the fade is ``gain * mean + rest``, with the mean taken at full size.

    Args:
      one: the layer that fades out, at the grid's size.
      two: the layer that fades in.
      share: of the second, 0 to 1.
      apart: how far apart the two sample the photo, in cells.
    """
    mean = (1 - share) * one + share * two
    alike = np.exp(-((2 * apart) ** 2))
    gain = 1 / np.sqrt(1 - 2 * share * (1 - share) * (1 - alike))
    low = _low(mean)
    wanted = (1 - share) * _variance(one) + share * _variance(two)
    coarse = np.sqrt((wanted + _NOISE) / (_low(_squares(mean - low)) + _NOISE))
    target = low + np.clip(coarse, 1, _MOST)[..., None] * (mean - low)
    return gain.astype(np.float32), target - gain[..., None].astype(np.float32) * mean


def _variance(layer: Layer) -> Float[np.ndarray, "rows columns"]:
    return _low(_squares(layer - _low(layer)))


def _squares(layer: Layer) -> Float[np.ndarray, "rows columns"]:
    return np.square(layer).mean(axis=-1)


def _low(values: np.ndarray) -> np.ndarray:
    """Two box means: smooth enough, and as fast for any radius."""
    window = (2 * _RADIUS + 1, 2 * _RADIUS + 1)
    for _ in range(2):
        values = cv2.blur(values, window, borderType=cv2.BORDER_REFLECT)
    return values
