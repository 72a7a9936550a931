"""The moving sky: clouds carried by a wind of any direction over the clear sky."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import drift, skies
from ssagan_jax.data.painting.canvas import places, scaled
from ssagan_jax.data.painting.clouds import clouds, draw_kind
from ssagan_jax.data.painting.drift import Surface
from ssagan_jax.data.painting.noise import mix, smoothstep
from ssagan_jax.data.painting.skies import Light

Clip = Float[np.ndarray, "t h w 3"]
_SEEN = 0.05  # cover above which clouds are seen
_CLOUDLESS = 0.01  # of the sky: with clouds in less of it, nothing moves
_SPEEDS = (0.001, 0.02)


@dataclass(frozen=True)
class Moving:
    """Where something moves, or could, and how: share of each pixel; (right, down) a frame."""

    share: Float[np.ndarray, "h w"]
    motion: Float[np.ndarray, "h w 2"]


def draw_speed(rng: np.random.Generator, typical: float = 0.0075) -> float:
    """Of a wind, in widths a frame: most near the typical one."""
    return float(np.clip(typical * np.exp(rng.normal(0, 0.55)), *_SPEEDS))


def draw_direction(rng: np.random.Generator) -> float:
    """Of a wind, from right to down, in radians: half of them more or less level."""
    if rng.random() < 0.5:
        return float(rng.normal(0, 0.25) + np.pi * rng.integers(2))
    return float(rng.uniform(-np.pi, np.pi))


def blown(surface: Surface, direction: float, speed: float) -> Surface:
    """The surface with the speed at which its fast parts move so fast in the picture."""
    moving = replace(surface, speed=(np.cos(direction), np.sin(direction)))
    field = drift.motion(moving)
    fast = float(np.quantile(np.hypot(field[..., 0], field[..., 1]), 0.95))
    scale = speed / max(fast, 0.05)
    return replace(surface, speed=(moving.speed[0] * scale, moving.speed[1] * scale))


def sky(
    rng: np.random.Generator,
    light: Light,
    level: Float[np.ndarray, "h w"],
    size: int,
    times: Float[np.ndarray, "t"],
) -> tuple[Clip, Moving]:
    """The sky at each moment; below the horizon it goes on somehow.

    With clouds all of it moves, also where they are yet to come. Without, its motion is 0: stars
    and the moon stand still.
    """
    still = skies.clear_sky(light, level, size, rng.uniform(0.6, 2.2))
    still = _lamps_of_heaven(rng, light, still, size)
    clip = np.repeat(still[None], len(times), 0)
    share, cover = np.ones((size, size), np.float32), np.zeros((size, size), np.float32)
    motion = np.zeros((size, size, 2), np.float32)
    if rng.random() < (0.3 if light.kind == "night" else 0.06):
        return clip, Moving(share, motion)
    direction, speed = draw_direction(rng), draw_speed(rng)
    for layer in range(1 + (rng.random() < 0.3)):
        name = draw_kind(rng) if layer or rng.random() < 0.85 else "few"
        surface, tile = _cloud_layer(rng, name, light, level, size)
        surface = blown(
            surface, direction + rng.normal(0, 0.15) * layer, speed * rng.uniform(0.6, 1.0) ** layer
        )
        seen = drift.carried(tile, surface, times)
        seen[..., 0] *= _where(rng, level, size)
        clip = _lit(clip, seen, light, level, size)
        here = (seen[..., 0].mean(0) > _SEEN).astype(np.float32)
        motion = mix(motion, drift.motion(surface), here[..., None] if layer else 1.0)
        cover = np.maximum(cover, here)
    return clip, Moving(share, motion if cover.mean() > _CLOUDLESS else 0 * motion)


def _cloud_layer(
    rng: np.random.Generator, name: str, light: Light, level: Float[np.ndarray, "h w"], size: int
) -> tuple[Surface, np.ndarray]:
    sun = np.arctan2(light.sun_at[1] - 0.4, light.sun_at[0] - 0.5)
    tile = clouds(rng, name, float(sun + rng.normal(0, 0.5)))
    offset = (float(rng.random()), float(rng.random()))
    if rng.random() < 0.5:
        surface = drift.flat(
            size, tiles=np.exp(rng.uniform(-1.4, 0.1)), turn=rng.normal(0, 0.1), offset=offset
        )
    else:
        height = rng.uniform(0.12, 0.6)
        surface = drift.plane(
            size, level, tiles=np.exp(rng.uniform(-1.7, -0.4)), height=height, offset=offset
        )
    return replace(surface, sway=_sway(rng, size)), tile


def _sway(rng: np.random.Generator, size: int) -> Float[np.ndarray, "h w"]:
    """Speeds that vary a little over the picture, so that clouds change shape."""
    coarse = rng.normal(1, 0.12, (4, 4)).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def _where(
    rng: np.random.Generator, level: Float[np.ndarray, "h w"], size: int
) -> Float[np.ndarray, "h w"] | float:
    """In some skies clouds stay in one part: low, high, or to one side."""
    if rng.random() < 0.65:
        return 1.0
    x, y = places(size)
    angle, middle, width = (
        rng.uniform(-np.pi, np.pi),
        rng.uniform(-0.25, 0.15),
        rng.uniform(0.2, 0.6),
    )
    along = (x - 0.5) * np.float32(np.cos(angle)) + (y - 0.5) * np.float32(np.sin(angle))
    return smoothstep(middle - width / 2, middle + width / 2, along)


def _lamps_of_heaven(
    rng: np.random.Generator, light: Light, still: skies.Picture, size: int
) -> skies.Picture:
    """Stars and the moon by night."""
    if light.kind == "night" and rng.random() < 0.8:
        still = still + scaled(skies.stars(rng, int(rng.integers(30, 500))), size)[..., :3]
    if light.kind in ("night", "dusk", "purple") and rng.random() < 0.35:
        moon = scaled(skies.moon(rng), size)
        still = still * (1 - moon[..., 3:]) + moon[..., :3]
    return still.astype(np.float32)


def _lit(
    clip: Clip,
    seen: Float[np.ndarray, "t h w 2"],
    light: Light,
    level: Float[np.ndarray, "h w"],
    size: int,
) -> Clip:
    """Clouds in front of the sky: lit by the sun, hazy at the horizon."""
    y = places(size)[1]
    low = np.clip(y / np.clip(level, 0.3, 1.2), 0, 1)[..., None]
    near = np.exp(np.float32(-4) * skies.from_sun(light, size))[..., None] * np.float32(light.glow)
    haze = 0.5 * low**3
    bright = mix(mix(light.cloud, light.sun, near), light.horizon, haze)
    dark = mix(mix(light.shade, light.cloud, 0.5 * near), light.horizon, haze)
    cover, lit = seen[..., :1], seen[..., 1:]
    return clip + cover * (dark + lit * (bright - dark) - clip)
