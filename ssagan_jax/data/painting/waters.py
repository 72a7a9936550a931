"""Moving water: seas, lakes and rivers that mirror what is above them, waterfalls."""

from dataclasses import replace

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import drift, textures
from ssagan_jax.data.painting.airs import Clip, Moving, blown, draw_speed
from ssagan_jax.data.painting.canvas import SIDE, places, scaled
from ssagan_jax.data.painting.noise import mix, ridge, smoothstep
from ssagan_jax.data.painting.skies import Light

Field = Float[np.ndarray, "h w"]
Heights = Float[np.ndarray, "t h w"]

_COLOURS = (
    (20, 60, 90), (30, 80, 120), (14, 40, 60), (40, 120, 130), (60, 170, 170), (90, 200, 190),
    (70, 90, 80), (110, 100, 80), (90, 100, 110), (40, 60, 50), (150, 165, 170),
)  # fmt: skip


def water(
    rng: np.random.Generator,
    light: Light,
    level: Field,
    above: Clip,
    times: Float[np.ndarray, "t"],
) -> tuple[Clip, Moving]:
    """What the picture shows if all below the horizon is water.

    Args:
      rng: decides what water it is.
      light: of the hour.
      level: height of the horizon from the top.
      above: the clip so far, with all that is mirrored.
      times: in frames.
    """
    size = above.shape[1]
    calm = rng.random() < 0.3
    surface = _waves(rng, level, size, calm)
    slope, stretch = rng.uniform(0.8, 1.5), rng.uniform(1.5, 8)
    texture = textures.rough(
        rng, slope=slope, low=rng.uniform(2, 10), stretch=stretch, angle=rng.normal(0, 0.1)
    )
    height = drift.carried(texture, surface, times)
    near = np.clip((places(size)[1] - level) * np.float32(4), 0.15, 1)
    height *= near * np.float32(0.4 if calm else 1.0)
    mirrored = _mirrored(above, level, height, rng.uniform(0.005, 0.04))
    tone = np.array(_COLOURS[rng.integers(len(_COLOURS))], np.float32) / 255
    tone = np.clip(tone * rng.uniform(0.7, 1.4, 3), 0, 1).astype(np.float32) * light.land
    depth = np.exp(np.float32(-rng.uniform(0.5, 6)) * np.maximum(places(size)[1] - level, 0))
    share = rng.uniform(0.5, 0.95) * depth if calm else rng.uniform(0.1, 0.8) * depth
    clip = mix(tone, mirrored, share[..., None])
    clip *= (1 + np.float32(rng.uniform(0.05, 0.3)) * height)[..., None]
    if not calm and rng.random() < 0.5:
        foam = _foam(rng, height) * np.float32(rng.uniform(0.4, 1))
        clip = mix(clip, np.minimum(1.1 * light.land + 0.05, 1), foam[..., None])
    if light.glow > 0.25:
        clip = _glitter(rng, clip, light, height)
    here = (places(size)[1] > level).astype(np.float32)
    return clip, Moving(here, drift.motion(surface))


def _foam(rng: np.random.Generator, height: Heights) -> Heights:
    """White water on the crests, or in a net of threads."""
    if rng.random() < 0.6:
        edge = rng.uniform(1.0, 2.2)
        return smoothstep(edge, edge + rng.uniform(0.3, 1.0), height)
    return 1 - smoothstep(0.0, rng.uniform(0.15, 0.6), np.abs(height - rng.uniform(0, 1)))


def _waves(rng: np.random.Generator, level: Field, size: int, calm: bool) -> drift.Surface:
    tiles = rng.uniform(0.15, 0.6)
    surface = drift.plane(size, level, tiles=tiles, height=rng.uniform(0.05, 0.25))
    towards = np.pi / 2 + rng.normal(0, 0.4) if rng.random() < 0.6 else rng.uniform(-np.pi, np.pi)
    speed = draw_speed(rng, 0.003 if calm else 0.005)
    # Away from the viewer is down a ceiling, and up a floor.
    return blown(surface, -towards, speed)


def _mirrored(above: Clip, level: Field, height: Heights, ripple: float) -> Clip:
    """What is above the horizon, upside down, shaken by the waves."""
    size = above.shape[1]
    x, y = places(size)
    rows = np.abs(2 * level - y) * size - 0.5
    result = np.empty_like(above)
    shake = np.float32(ripple * size)
    for frame, source, waves in zip(result, above, height, strict=True):
        map_y = (rows + 3 * shake * waves).astype(np.float32)
        map_x = (x * size - 0.5 + shake * waves).astype(np.float32)
        cv2.remap(source, map_x, map_y, cv2.INTER_LINEAR, frame, cv2.BORDER_REFLECT_101)
    return result


def _glitter(rng: np.random.Generator, clip: Clip, light: Light, height: Heights) -> Clip:
    """Sparkles on the waves below the sun."""
    x, _ = places(clip.shape[1])
    path = np.exp(-(((x - np.float32(light.sun_at[0])) / np.float32(rng.uniform(0.05, 0.2))) ** 2))
    sparkle = smoothstep(rng.uniform(0, 0.7), rng.uniform(1.0, 2.0), height) * path
    return mix(clip, light.sun, sparkle[..., None] * np.float32(light.glow))


def waterfall(
    rng: np.random.Generator, light: Light, size: int, times: Float[np.ndarray, "t"]
) -> tuple[Clip, Field, Moving]:
    """White water that falls: the clip, its matte and its motion."""
    texture = textures.rough(
        rng, slope=rng.uniform(0.8, 1.3), low=2.0, stretch=rng.uniform(3, 10), angle=np.pi / 2
    )
    surface = drift.flat(size, tiles=rng.uniform(0.4, 1.0), offset=(rng.random(), rng.random()))
    surface = replace(surface, speed=(0.0, surface_speed(surface, rng.uniform(0.006, 0.02))))
    streaks = drift.carried(texture, surface, times)
    matte = scaled(_bed(rng), size)
    white = np.clip(light.land * 1.1 + 0.08, 0, 1)
    gain = np.clip(0.78 + np.float32(rng.uniform(0.08, 0.22)) * streaks, 0.1, 1.1)
    return white.astype(np.float32) * gain[..., None], matte, Moving(matte, drift.motion(surface))


def _bed(rng: np.random.Generator) -> Field:
    """The matte of a waterfall: ragged at its sides, soft at its foot."""
    x, y = places(SIDE)
    middle, width = rng.uniform(0.2, 0.8), rng.uniform(0.03, 0.2) * (0.7 + 0.6 * y)
    left, right = (0.03 * ridge(rng, SIDE, slope=1.6)[:, None] for _ in range(2))
    top, foot = rng.uniform(-0.1, 0.4), rng.uniform(0.6, 1.1)
    matte = smoothstep(0.0, 0.03, x - middle + width + left)
    matte *= smoothstep(0.0, 0.03, middle + width + right - x)
    matte *= smoothstep(top - 0.02, top + 0.02, y) * (1 - smoothstep(foot - 0.1, foot + 0.1, y))
    return matte.astype(np.float32)


def surface_speed(surface: drift.Surface, speed: float) -> float:
    """Tiles a frame of a texture that is to fall so fast in the picture."""
    falling = drift.motion(replace(surface, speed=(0.0, 1.0)))
    return speed / max(float(falling[..., 1].mean()), 0.05)
