"""Painting time-lapses of a wide world, in which only what should move does, with a known wind."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.data.painting import camera, lands, skies, walls, waters
from ssagan_jax.data.painting.airs import Clip, Moving
from ssagan_jax.data.painting.canvas import scaled
from ssagan_jax.data.painting.landscapes import landscape
from ssagan_jax.data.winds import mean_of_fast

KINDS = {"landscape": 0.87, "still": 0.1, "waterfall": 0.03}  # and how often

_ENOUGH = 0.08  # share of the picture in which something must move to have a wind
_UNSEEN = (0.002, 0.02)  # speeds of a wind that moves nothing


def paint_clip(
    rng: np.random.Generator, *, size: int, times: Float[np.ndarray, "t"]
) -> tuple[UInt8[np.ndarray, "t h w 3"], Float[np.ndarray, "2"]]:
    """Paints one clip.

    Args:
      rng: decides the scene; the same state gives the same scene at any size.
      size: height and width in pixels.
      times: float32 [t], the moments shown, in frames since the start.

    Returns:
      The clip, and its wind: of the clouds where there are any, else of the water, else 0. Of a
      picture in which nothing can move it is any wind: a wall stands still whichever way it
      blows, which is to be learnt too.
    """
    kind, scene, light, photo, sensor, air = rng.spawn(6)
    paint = {"landscape": landscape, "still": _still, "waterfall": _waterfall}
    clip, moving = paint[draw_kind(kind)](scene, size, times)
    if moving:
        clip = camera.changing_light(light, clip, times)
    wind = wind_of(moving) if moving else any_wind(air)
    return camera.taken(sensor, camera.developed(photo, clip)), wind


def draw_kind(rng: np.random.Generator) -> str:
    """One of ``KINDS``."""
    return str(rng.choice(list(KINDS), p=list(KINDS.values())))


def wind_of(moving: list[Moving]) -> Float[np.ndarray, "2"]:
    """That of the first thing that is seen to move in enough of the picture; else 0."""
    for what in moving:
        field = what.motion[what.share > 0.5]
        if len(field) > _ENOUGH * what.share.size:
            return mean_of_fast(field[:, None])
    return np.zeros(2, np.float32)


def any_wind(rng: np.random.Generator) -> Float[np.ndarray, "2"]:
    """A wind of any direction."""
    angle, speed = rng.uniform(0, 2 * np.pi), rng.uniform(*_UNSEEN)
    return np.array([speed * np.cos(angle), speed * np.sin(angle)], np.float32)


def _still(
    rng: np.random.Generator, size: int, times: Float[np.ndarray, "t"]
) -> tuple[Clip, list[Moving]]:
    """A picture without a sky, in which nothing moves."""
    light = skies.draw_light(rng, 0.5)
    picture = scaled(walls.draw_picture(rng, light, lands.draw_grains(rng)), size)
    return np.repeat(picture[None], len(times), 0), []


def _waterfall(
    rng: np.random.Generator, size: int, times: Float[np.ndarray, "t"]
) -> tuple[Clip, list[Moving]]:
    """Water that falls over a wall of rock or through a wood."""
    light = skies.draw_light(rng, 0.5)
    light = replace(light, land=np.maximum(light.land, np.float32(0.6)))
    grains = lands.draw_grains(rng)
    wall = walls.texture(rng, light, grains, "rock", "forest", "red rock", "bush") * light.land
    relief = 1 + np.float32(rng.uniform(0.1, 0.5)) * grains.piece(rng, "rugged")
    picture = scaled(np.clip(wall * relief[..., None], 0, 1).astype(np.float32), size)
    falls, matte, moving = waters.waterfall(rng, light, size, times)
    return picture + matte[..., None] * (falls - picture), [moving]
