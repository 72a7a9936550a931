"""What moves in a clip: a mask, for models that are given one beside the photo.

Painted clips know theirs. That of footage is measured by optical flow in the very clip, each time
it is read: the motion is averaged over the clip with its directions, so that noise cancels itself
out and drifting clouds stay.
"""

from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from ssagan_jax.data import winds

FULL = 0.25  # of the speed that a tenth of the pixels exceeds: what moves so fast moves fully
SLOWEST = 0.001  # shares of the picture per frame: where all is slower, that is noise
SOFTNESS = 1 / 32  # standard deviation of the blur, share of the side


def add_mask(example: dict[str, Any]) -> dict[str, Any]:
    """An example with its ``mask``: float32 [size, size] in [0, 1], 1 where it moves or may.

    What painted clips do not know (NaN in ``moving``) is water or a clear sky, which may.
    """
    if "moving" in example:
        mask = np.nan_to_num(example["moving"], nan=1.0)
    else:
        mask = measure_mask(example["clip"])
    return {**example, "mask": mask}


def measure_mask(clip: UInt8[np.ndarray, "t s s 3"]) -> Float[np.ndarray, "s s"]:
    """Where the content of a clip moves, by optical flow: soft, from 0 to 1."""
    import cv2  # takes a fifth of a second, which only those wait for who need it

    size = clip.shape[1]
    if len(clip) == 1:
        return np.zeros((size, size), np.float32)
    grey = (winds.grey(Image.fromarray(frame)) for frame in clip)
    field = np.mean(list(winds.flows(grey)), axis=0)
    speed = np.hypot(field[..., 0], field[..., 1])
    fast = max(FULL * float(np.quantile(speed, 0.9)), SLOWEST)
    mask = np.minimum(speed / fast, 1.0).astype(np.float32)
    mask = cv2.GaussianBlur(mask, (0, 0), SOFTNESS * winds.SIDE, borderType=cv2.BORDER_REFLECT)
    return np.clip(cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA), 0.0, 1.0)
