"""Where the pixels of a moving picture come from: positions traced through a velocity field."""

import math

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.animation.warping.grids import looked_up, places

_STEP = 0.25  # cells: the largest first step of a path

Field = Float[np.ndarray, "h w 2"]  # (right, down), in pixels of the field


def doublings(velocity: Field, *, longest: int | float) -> int:
    """How often a first step has to be doubled for paths of up to ``longest`` frames."""
    farthest = float(np.hypot(velocity[..., 0], velocity[..., 1]).max()) * longest
    return max(0, math.ceil(math.log2(max(farthest, _STEP) / _STEP)))


def shifts(velocity: Field, age: int | float, *, doublings: int) -> Field:
    """Where each pixel's content was ``age`` frames ago, relative to the pixel.

    The field is static, so a path twice as long is the same path again from its end: after a
    first step of ``age / 2**doublings`` frames it is doubled that often. ``age`` is any number;
    a negative one looks ahead. Beyond the border the field stays the same.

    Args:
      velocity: the content's motion per frame.
    """
    shift = -velocity * np.float32(age / 2**doublings)
    own = places(*shift.shape[:2])
    for _ in range(doublings):
        shift = shift + looked_up(shift, own + shift, border=cv2.BORDER_REPLICATE)
    return shift
