"""The wind of a clip: two numbers that say where, and how fast, what moves in it moves.

Everywhere in the project a *wind* is (right, down) as shares of the picture's width and height
from one frame of the clip to the next: (0.01, 0) carries clouds a hundredth of the width to the
right in each frame.
"""

import numpy as np
from jaxtyping import Float

FAST = 0.5  # of the speed that a tenth of the pixels exceeds: what counts as moving


def mean_of_fast(field: Float[np.ndarray, "h w 2"]) -> Float[np.ndarray, "2"]:
    """The mean motion of what moves: of pixels faster than half of the 0.9 quantile of speed.

    Args:
      field: motion of each pixel (right, down), in any unit; the mean over the frames of a clip.
    """
    speed = np.hypot(field[..., 0], field[..., 1])
    fast = speed >= FAST * np.quantile(speed, 0.9)
    return field[fast].mean(axis=0, dtype=np.float64).astype(np.float32)
