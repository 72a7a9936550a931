"""Sampling a picture between its pixels without losing detail, and fast.

A picture doubled once, by a long kernel, and then sampled bilinearly keeps more of its finest
detail than bicubic sampling of the picture itself, in half of the time.
"""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.animation.warping.grids import looked_up

_TAPS = 6  # of the kernel, to each side
_BETA = 5.0  # of its Kaiser window


def doubled(image: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
    """The picture, with what lies half way between pixels, as of mirrored borders.

    Returns:
      2 h + 1 rows and 2 w + 1 columns: from half a pixel before the first pixel, where the mirror
      stands, to half a pixel behind the last. Pixels keep their values.
    """
    height, width = image.shape[:2]
    result = np.empty((2 * height + 1, 2 * width + 1, 3), np.uint8)
    result[1::2, 1::2] = image
    result[1::2, ::2] = _between(image, axis=1)
    tall = _between(image, axis=0)
    result[::2, 1::2] = tall
    result[::2, ::2] = _between(tall, axis=1)
    return result


def places_in_doubled(places: Float[np.ndarray, "*n 2"]) -> Float[np.ndarray, "*n 2"]:
    """Where places in a picture, in its pixels, are in the doubled one."""
    return 2 * places + 1


def sampled(
    doubled: UInt8[np.ndarray, "h2 w2 3"], places: Float[np.ndarray, "h w 2"]
) -> UInt8[np.ndarray, "h w 3"]:
    """A doubled picture at places of ``places_in_doubled``, mirrored at its borders."""
    mirrored = cv2.BORDER_REFLECT_101  # the mirror stands at the outermost samples
    return looked_up(doubled, places, border=mirrored)


def _between(image: np.ndarray, *, axis: int) -> np.ndarray:
    """Half a pixel before each, and behind the last."""
    tall, wide = (_TAPS, 0) if axis == 0 else (0, _TAPS)
    padded = cv2.copyMakeBorder(image, tall, tall, wide, wide, cv2.BORDER_REFLECT)
    kernel = _kernel()[:, None] if axis == 0 else _kernel()[None]
    found = cv2.filter2D(padded, -1, kernel, anchor=(wide, tall))
    count = image.shape[axis] + 1
    return found[_TAPS : _TAPS + count] if axis == 0 else found[:, _TAPS : _TAPS + count]


def _kernel() -> Float[np.ndarray, "taps"]:
    """A sinc in a Kaiser window, at the halves between pixels."""
    x = np.arange(-_TAPS + 0.5, _TAPS, 1.0)
    kernel = np.sinc(x) * np.i0(_BETA * np.sqrt(1 - (x / _TAPS) ** 2))
    return (kernel / kernel.sum()).astype(np.float32)
