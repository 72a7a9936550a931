"""Thin things before the sky, which no coarse mask knows of: masts, wires, branches, stalks.

They are narrow, much less blue than the sky around them, and hang together with what stands still
or with the photo's border. Clouds are wide, or not that dark, or hang in the air. Bright things
(white ropes before a blue sky) are not found: wisps of cloud look like them.
"""

import cv2
import numpy as np
from jaxtyping import UInt8

from ssagan_jax.io.photo_files import Photo

_WIDEST = 0.02  # of the long side
_UNSURE = (0.2, 0.35)  # of the blue of the sky around: what is missing of it
_DARK = 8  # grey levels: of these a share says little


def without_thin(photo: Photo, alpha: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w"]:
    """What moves, without thin things before it that stand.

    Args:
      alpha: 255 where all moves, 0 where the photo stands still.
    """
    missing = _missing_blue(photo)
    sure = cv2.inRange(missing, _UNSURE[1], 1.0)
    standing = cv2.max(sure, cv2.inRange(alpha, 0, 127))
    thin = np.where(_hangs_together(standing, alpha), sure, 0).astype(np.uint8)
    near = cv2.dilate(thin, np.ones((5, 5), np.uint8)) > 0
    share = np.clip((missing - _UNSURE[0]) / (_UNSURE[1] - _UNSURE[0]), 0, 1)
    return np.minimum(alpha, np.where(near, np.round(255 * (1 - share)), 255).astype(np.uint8))


def _missing_blue(photo: Photo) -> np.ndarray:
    """How much less blue than around: a share of what is there, float32 [h, w]."""
    blue = cv2.medianBlur(np.ascontiguousarray(photo[..., 2]), 3)
    width = max(3, round(_WIDEST * max(blue.shape)))
    around = cv2.morphologyEx(blue, cv2.MORPH_CLOSE, np.ones((width, width), np.uint8))
    around = around.astype(np.float32)
    return (around - blue) / (around + _DARK)


def _hangs_together(standing: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Which of what may be standing is connected with what surely is, or with the border."""
    _, labels = cv2.connectedComponents(standing, connectivity=8)
    held = np.zeros(labels.max() + 1, bool)
    border = [labels[0], labels[-1], labels[:, 0], labels[:, -1]]
    held[np.unique(labels[alpha < 128])] = True
    held[np.unique(np.concatenate(border))] = True
    held[0] = False
    return held[labels]
