"""Generators made by hand, for what is done with their clips."""

import numpy as np

from ssagan_jax.animation.animator import Animator


def mover(*, size=32, frames=16, noise=False, run=None) -> Animator:
    """An Animator whose photos drift by a pixel a frame, to the left; or whose clips ``run`` makes.

    With noise, the seed brightens later frames by up to 10 grey levels.
    """

    def drift(photos, seed, words):
        clips = np.stack([np.roll(photos, -t, axis=2) for t in range(frames)], axis=1)
        if noise:
            shift = np.random.default_rng([int(seed), *map(int, words)]).integers(1, 10)
            clips = (
                np.clip(clips.astype(int), 0, 240)
                + (shift * (np.arange(frames) > 0))[:, None, None, None]
            )
        return clips.astype(np.uint8)

    return Animator(size, frames, noise, run or drift)


def waves(height=32, width=32):
    """A photo whose pixels are a smooth wave: to the left by a whole width is the same again."""
    x = np.arange(width) / width
    grey = 128 + 80 * np.sin(2 * np.pi * x)
    photo = np.broadcast_to(grey[None, :, None], (height, width, 3))
    return (photo + np.array([10, 0, 30])).clip(0, 255).astype(np.uint8)
