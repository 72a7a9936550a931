"""The sky behind the clouds, and the light that it throws on all else."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting.canvas import SIDE, Brush, Layer, places
from ssagan_jax.data.painting.noise import mix, smoothstep

Picture = Float[np.ndarray, "h w 3"]

# Kind of sky: how often, then the colours of: zenith, horizon, cloud in light, cloud in shade, sun;
# last how bright the land lies in it, from and to.
_KINDS = {
    "noon": (20, "205cba a0c8ea ffffff 8a98b2 fffff5", 0.5, 1.1),
    "deep": (12, "0e286e 508ccd ffffff 606c8c fffff5", 0.4, 1.1),
    "azure": (8, "2882f0 82c8ff ffffff aac8f0 fffff0", 0.5, 1.2),
    "turquoise": (5, "287896 bededc fff4e2 96a0a0 fffae6", 0.4, 1.1),
    "hazy": (8, "7896be d4dade faf8f4 b0b8c4 fffaeb", 0.5, 1.0),
    "grey": (12, "8c94a0 cdd0d4 e2e4e8 787e8a f0f0f0", 0.4, 0.9),
    "storm": (9, "282e3a 78808a 969aa2 222630 c8c8c8", 0.25, 1.1),
    "murky": (4, "1c1e18 787054 ded4aa 1e1c14 f0e6be", 0.1, 0.5),
    "dawn": (6, "344478 f0b0a0 faccc0 646086 ffdcbe", 0.1, 0.6),
    "evening": (9, "4c6ea6 fcd08c ffe2aa 7e6e7c fff0be", 0.1, 0.7),
    "sunset": (12, "3c3a6e fe8038 ff9654 48304c ffe28c", 0.03, 0.4),
    "fire": (5, "782814 ff961e ffaa3c 5a1810 fff096", 0.02, 0.3),
    "purple": (4, "32286e dc78a0 f096b4 463264 ffc8be", 0.05, 0.5),
    "dusk": (6, "101840 786e8c 646080 1c203a dcb4a0", 0.04, 0.4),
    "night": (8, "040714 161e38 30364a 0a0d1a e6ebf5", 0.02, 0.35),
}


@dataclass(frozen=True)
class Light:
    """Colours of the hour, float32 [3] in [0, 1], and where the sun stands."""

    kind: str
    zenith: np.ndarray
    horizon: np.ndarray
    cloud: np.ndarray
    shade: np.ndarray
    sun: np.ndarray
    land: np.ndarray  # what a white thing on the land looks like
    sun_at: tuple[float, float]
    disc: float  # radius of the sun; 0 where it is not in the picture
    glow: float

    @property
    def dark(self) -> bool:
        """Lamps are lit."""
        return self.kind in ("dusk", "night", "purple")


def draw_light(rng: np.random.Generator, level: float) -> Light:
    """Draws the hour and the weather, for a horizon at ``level``."""
    odds = np.array([odds for odds, *_ in _KINDS.values()], float)
    kind = str(rng.choice(list(_KINDS), p=odds / odds.sum()))
    _, row, dimmest, brightest = _KINDS[kind]
    colours = np.array([list(bytes.fromhex(colour)) for colour in row.split()], np.float32) / 255
    colours = np.clip(colours * rng.uniform(0.88, 1.12, (5, 3)), 0, 1).astype(np.float32)
    warm = kind in ("dawn", "evening", "sunset", "fire", "purple")
    height = rng.uniform(-0.02, 0.25) if warm else rng.uniform(0.2, 0.9)
    bright = float(rng.uniform(dimmest, brightest))
    tone = mix(
        np.ones(3, np.float32), colours[4] * colours[1] / colours[1].max(), 0.6 if warm else 0.2
    )
    seen = rng.random() < (0.6 if warm else 0.25)
    zenith, horizon, cloud, shade, sun = colours
    return Light(
        kind=kind,
        zenith=zenith,
        horizon=horizon,
        cloud=cloud,
        shade=shade,
        sun=sun,
        land=tone * np.float32(bright),
        sun_at=(float(rng.uniform(0.05, 0.95)), float(min(level, 1.1) - height)),
        disc=float(rng.uniform(0.012, 0.05)) if seen else 0.0,
        glow=float(rng.uniform(0.3, 0.9) if warm else rng.uniform(0.0, 0.5)),
    )


def from_sun(light: Light, size: int) -> Float[np.ndarray, "h w"]:
    """How far each pixel is from the sun."""
    x, y = places(size)
    return np.hypot(x - np.float32(light.sun_at[0]), y - np.float32(light.sun_at[1]))


def clear_sky(light: Light, level: Float[np.ndarray, "#h w"], size: int, bend: float) -> Picture:
    """The sky without clouds: a gradient, the sun and the glow around it.

    Args:
      light: its colours.
      level: height of the horizon from the top.
      size: of the picture.
      bend: above 1 the colour of the horizon stays low, below it reaches up.
    """
    y = places(size)[1]
    low = np.clip(y / np.clip(level, 0.3, 1.2), 0, 1)[..., None] ** np.float32(bend)
    sky = mix(light.zenith, light.horizon, low)
    apart = from_sun(light, size)[..., None]
    sky = mix(sky, light.sun, np.float32(light.glow) * np.exp(np.float32(-5) * apart))
    if light.disc:
        disc = 1 - smoothstep(light.disc, light.disc * 1.4 + 1 / size, apart)
        sky = mix(sky, np.minimum(light.sun * 1.15, 1), disc)
    return sky.astype(np.float32)


def stars(rng: np.random.Generator, count: int) -> Layer:
    """Points of light, a few of them bright."""
    layer = np.zeros((SIDE, SIDE, 4), np.float32)
    row, column = rng.integers(0, SIDE - 1, (2, count))
    bright = np.minimum(rng.exponential(0.35, count), 1)[:, None]
    hue = rng.uniform(0.75, 1, (count, 3))
    layer[row, column, :3] = hue * bright
    layer[row, column + 1, :3] = hue * bright * 0.7
    layer[row + 1, column, :3] = hue * bright * 0.7
    return layer  # adds light and covers nothing


def moon(rng: np.random.Generator) -> Layer:
    """A moon, full or not."""
    brush = Brush()
    x, y, radius = rng.uniform(0.1, 0.9), rng.uniform(0.05, 0.5), rng.uniform(0.015, 0.04)
    tone = rng.uniform(0.8, 1)
    brush.ellipse((x, y), (radius, radius), (tone, tone, tone * 0.93))
    return brush.layer()
