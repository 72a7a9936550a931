"""A made-up model that takes a wind, and clips in which it is right if that is the true one."""

import numpy as np

from tests.helpers import noisy_model
from tests.helpers.noisy_model import T

# Shares of the picture a frame; right only, for a model whose pictures get brighter with it.
WINDS = np.array([[0.2, 0], [0.1, 0], [-0.1, 0]], np.float32)
LIKELY = np.float32(0.1)
LEVELS = 100  # grey levels for a wind of 1


class WindySource(noisy_model.Source):
    """Three clips that get brighter in each frame by ``LEVELS`` times their wind."""

    def __init__(self):
        super().__init__()
        self.clips = brighten(self.clips[:, 0] + np.uint8(80), WINDS)

    def __getitem__(self, index):
        return {**super().__getitem__(index), "wind": WINDS[index]}


def brighten(photos, winds):
    """Clips of photos that get brighter by the winds, [b 2]."""
    levels = np.rint(LEVELS * winds[:, :1] * np.arange(T)).astype(int)
    return (photos[:, None] + levels[:, :, None, None, None]).astype(np.uint8)


def animate(photos, *, seed=None, wind=None):
    """By the given wind, the likely one or, of a seed, ``LIKELY`` times the seed."""
    likely = np.array([[LIKELY * (1 if seed is None else seed), 0]], np.float32)
    return brighten(photos, np.repeat(likely, len(photos), axis=0) if wind is None else wind)


def prior(photos):
    """A broad distribution around the likely wind."""
    return np.broadcast_to(np.array([0, LIKELY, 0, -2, -2], np.float32), (len(photos), 1, 5))


animate.takes_wind = True
animate.prior = prior
animate.draws_noise = True
