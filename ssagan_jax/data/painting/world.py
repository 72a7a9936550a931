"""Painting time-lapses of a wide world, in which only what should move does, with a known wind."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import camera, lands, skies, walls, waters
from ssagan_jax.data.painting.airs import Clip, Moving
from ssagan_jax.data.painting.canvas import scaled
from ssagan_jax.data.painting.landscapes import landscape
from ssagan_jax.data.winds import mean_of_fast

KINDS = {"landscape": 0.87, "still": 0.1, "waterfall": 0.03}  # and how often

_ENOUGH = 0.08  # share of the picture in which something must move to have a wind
_OTHERWISE = 0.1  # share of something else above which a pixel is not said to stand still
_UNSEEN = (0.002, 0.02)  # speeds of a wind that moves nothing


def paint_clip(
    rng: np.random.Generator, *, size: int, times: Float[np.ndarray, "t"]
) -> dict[str, np.ndarray]:
    """Paints one clip, and says what truly happens in it.

    Args:
      rng: decides the scene; the same state gives the same scene at any size.
      size: height and width in pixels.
      times: float32 [t], the moments shown, in frames since the start.

    Returns:
      ``clip``: uint8 [t, size, size, 3].
      ``wind``: of the clouds where there are any, else of mist or water. Of a picture in which
      nothing moves it is any wind: a wall stands still whichever way it blows, which is to be
      learnt too.
      ``moving``: the share of each pixel that this wind moves, float32 [size, size] in [0, 1]; NaN
      where something moves by itself, as water under clouds does, or could, as a clear sky.
    """
    kind, scene, light, photo, sensor, air = rng.spawn(6)
    paint = {"landscape": landscape, "still": _still, "waterfall": _waterfall}
    clip, moving = paint[draw_kind(kind)](scene, size, times)
    if moving:
        clip = camera.changing_light(light, clip, times)
    clip = camera.taken(sensor, camera.developed(photo, clip))
    return {"clip": clip, "wind": wind_of(moving, air), "moving": share_of(moving, size)}


def draw_kind(rng: np.random.Generator) -> str:
    """One of ``KINDS``."""
    return str(rng.choice(list(KINDS), p=list(KINDS.values())))


def wind_of(moving: list[Moving], rng: np.random.Generator) -> Float[np.ndarray, "2"]:
    """That of the first thing that is seen to move in enough of the picture; else any."""
    first = _first(moving)
    return (
        any_wind(rng) if first is None else mean_of_fast(first.motion[first.share > 0.5][:, None])
    )


def share_of(moving: list[Moving], size: int) -> Float[np.ndarray, "size size"]:
    """The share of each pixel that the wind moves; NaN where something else does, or could."""
    first, share = _first(moving), np.zeros((size, size), np.float32)
    if first is not None:
        share = first.share.astype(np.float32)
    for other in moving:
        if other is not first:
            share = np.where(other.share > _OTHERWISE, np.float32(np.nan), share)
    return share


def _first(moving: list[Moving]) -> Moving | None:
    enough = (what for what in moving if np.mean(what.share > 0.5) > _ENOUGH and what.motion.any())
    return next(enough, None)


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
