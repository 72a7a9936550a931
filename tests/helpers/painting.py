"""What the painters of a scene need, and what their layers have in common."""

from typing import NamedTuple

import numpy as np

from ssagan_jax.data.painting import lands, skies
from ssagan_jax.data.painting.canvas import SIDE


class Scene(NamedTuple):
    """A random generator and what a scene shares between its things."""

    rng: np.random.Generator
    light: skies.Light
    grains: lands.Grains
    line: np.ndarray


def scene(seed, level=0.6):
    rng = np.random.default_rng(seed)
    light = skies.draw_light(rng, level)
    return Scene(rng, light, lands.draw_grains(rng), lands.level_line(level, 0.0))


def check_layer(layer):
    """Colours times cover, both in [0, 1]; something is there, and something is left free."""
    assert layer.shape == (SIDE, SIDE, 4) and layer.dtype == np.float32
    assert layer.min() >= 0 and layer.max() <= 1
    assert (layer[..., :3] <= layer[..., 3:] + 1e-3).all()
    assert 0.0005 < layer[..., 3].mean() < 0.999


def drifted(clip):
    """How far the content of a clip [t, h, w] has moved from its first frame: (right, down).

    In pixels, by the peak of the cross-correlation; whole pixels only.
    """
    first, last = (frame - frame.mean() for frame in (clip[0], clip[-1]))
    peak = np.fft.ifft2(np.fft.fft2(last) * np.conj(np.fft.fft2(first))).real
    down, right = np.unravel_index(peak.argmax(), peak.shape)
    height, width = peak.shape
    return (right + width // 2) % width - width // 2, (down + height // 2) % height - height // 2
