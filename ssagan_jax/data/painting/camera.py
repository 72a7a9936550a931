"""What a camera does to a scene: changing light, colours, contrast, vignette, softness, noise."""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.data.painting.canvas import places
from ssagan_jax.data.painting.noise import mix

Clip = Float[np.ndarray, "t h w 3"]
_GREY = np.array((0.299, 0.587, 0.114), np.float32)


def changing_light(rng: np.random.Generator, clip: Clip, times: Float[np.ndarray, "t"]) -> Clip:
    """In some clips: brighter or darker, warmer or cooler, slowly."""
    if rng.random() < 0.6:
        return clip
    bright = rng.normal(0, 0.0025)
    colour = rng.normal(0, 0.001, 3)
    gain = np.exp((bright + colour)[None] * times[:, None])
    return clip * gain[:, None, None].astype(np.float32)


def developed(rng: np.random.Generator, clip: Clip) -> Clip:
    """White balance, saturation, contrast, gamma, vignette, a fade: the same in all frames."""
    size = clip.shape[1]
    saturation = rng.uniform(0.4, 1.35) if rng.random() < 0.92 else 0.0
    clip = mix((clip @ _GREY)[..., None], clip, saturation)
    balance = np.exp(rng.normal(0, 0.04 if rng.random() < 0.8 else 0.13, 3)).astype(np.float32)
    contrast, bright = np.exp(rng.normal(0, 0.15)), np.exp(rng.normal(0.08, 0.12))
    black = max(rng.normal(0, 0.04), 0)
    gain = np.float32(contrast * bright) * balance
    if rng.random() < 0.35:
        x, y = places(size)
        corners = (x - 0.5) ** 2 + (y - 0.5) ** 2
        gain = gain * (1 - rng.uniform(0.1, 0.9) * corners)[..., None]
    clip = clip * gain
    clip += np.float32(0.5 * (1 - contrast) + black)
    return clip


def taken(rng: np.random.Generator, clip: Clip) -> UInt8[np.ndarray, "t h w 3"]:
    """Rounded to grey levels; in some clips soft, or with the noise of a sensor."""
    size = clip.shape[1]
    blur = rng.uniform(0.1, 0.55) * size / 64
    if rng.random() < 0.35 and size >= 8:
        clip = np.stack([cv2.GaussianBlur(frame, (0, 0), blur) for frame in clip])
    levels = clip * np.float32(255)
    levels += np.float32(0.5)
    if rng.random() < 0.5:
        grain = rng.exponential(1.2) * rng.standard_normal(clip[0].shape, np.float32)
        for frame in levels:
            frame += np.roll(grain, tuple(rng.integers(0, size, 2)), (0, 1))
    return np.clip(levels, 0, 255, out=levels).astype(np.uint8)
