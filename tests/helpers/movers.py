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

    make = run or drift
    return Animator(
        size,
        frames,
        draws_noise=noise,
        takes_wind=False,
        has_fields=False,
        _run=lambda photos, seed, words, wind: {"clip": make(photos, seed, words)},
    )


def blower(*, size=32, frames=16, likely=(0.01, 0.0), takes_wind=True) -> Animator:
    """An Animator that warps: what is brighter than 90 moves with the wind, and gets brighter.

    A seed draws a wind to the left.
    """

    def run(photos, seed, words, wind):
        photos = np.asarray(photos)
        if wind is None:
            wind = np.broadcast_to(np.float32([-0.02, 0]) if seed is not None else likely, (1, 2))
        mask = (photos.mean(axis=-1, keepdims=True) > 90).astype(np.float32)
        change = np.arange(frames)[:, None, None, None] * mask[:, None] * np.ones(3) / 255
        return {
            "clip": np.stack([np.roll(photos, t, axis=2) for t in range(frames)], axis=1),
            "velocity": mask * np.asarray(wind, np.float32)[:, None, None],
            "mask": mask,
            "change": change.astype(np.float32),
            "wind": np.asarray(wind, np.float32),
        }

    return Animator(
        size, frames, draws_noise=False, takes_wind=takes_wind, has_fields=True, _run=run
    )


def waves(height=32, width=32):
    """A photo whose pixels are a smooth wave: to the left by a whole width is the same again."""
    x = np.arange(width) / width
    grey = 128 + 80 * np.sin(2 * np.pi * x)
    photo = np.broadcast_to(grey[None, :, None], (height, width, 3))
    return (photo + np.array([10, 0, 30])).clip(0, 255).astype(np.uint8)
