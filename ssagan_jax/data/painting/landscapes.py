"""Scenes outdoors: sky, far land, water or a plain, what stands on it, what is near the camera."""

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import (
    airs,
    buildings,
    foregrounds,
    lands,
    mists,
    plains,
    plants,
    skies,
    structures,
    waters,
)
from ssagan_jax.data.painting.airs import Clip, Moving
from ssagan_jax.data.painting.canvas import SIDE, Layer, below_line, blank, over, places, scaled
from ssagan_jax.data.painting.lands import Grains
from ssagan_jax.data.painting.noise import ridge, smoothstep
from ssagan_jax.data.painting.skies import Light

# What may be near the camera, and how often.
_NEAR = {
    "nothing": 0.51,
    "twigs": 0.08,
    "canopy": 0.06,
    "grass": 0.03,
    "canyon": 0.05,
    "cliffs": 0.05,
    "window": 0.05,
    "portrait": 0.05,
    "blobs": 0.04,
    "fence": 0.02,
    "masts": 0.06,
}

Line = Float[np.ndarray, "n"]
Times = Float[np.ndarray, "t"]


def landscape(rng: np.random.Generator, size: int, times: Times) -> tuple[Clip, list[Moving]]:
    """The scene at each moment; what moves in it: clouds, then mist or smoke, then water."""
    shape, light_rng, grain, sky, far, sea, near, front, mist = rng.spawn(9)
    level, tilt = draw_horizon(shape)
    light = skies.draw_light(light_rng, level)
    grains = lands.draw_grains(grain)
    line = lands.level_line(level, tilt)
    horizon = np.asarray(level + tilt * (places(size)[0] - 0.5), np.float32)
    wet = level < 0.97 and shape.random() < (0.45 if level > 0.05 else 1)
    clip, clouds = airs.sky(sky, light, horizon, size, times)
    moving = [clouds]
    if level < 1.15:
        clip = _behind(clip, moving, far_things(far, light, grains, line, wet))
    if wet:
        below, waves = waters.water(sea, light, horizon, clip, times)
        here = smoothstep(-0.5 / size, 0.5 / size, places(size)[1] - horizon)
        clip = clip + here[..., None] * (below - clip)
        moving = [Moving(what.share * (1 - here), what.motion) for what in moving]
        moving.append(waves)
    if level < 1.15:
        clip = _behind(clip, moving, near_things(near, light, grains, line, wet))
    clip = _veiled(mist, clip, moving, light, horizon, times)
    return _behind(clip, moving, front_things(front, light, grains, level)), moving


def draw_horizon(rng: np.random.Generator) -> tuple[float, float]:
    """Its height from the top (above 1 only sky is seen, below 0 none), and its tilt."""
    kind = rng.choice(["usual", "any", "sky", "down"], p=[0.55, 0.2, 0.2, 0.05])
    lowest, highest = {
        "usual": (0.5, 1.0),
        "any": (0.08, 1.1),
        "sky": (1.1, 1.6),
        "down": (-0.5, 0.05),
    }[kind]
    level = rng.uniform(lowest, highest)
    return float(level), float(rng.normal(0, 0.04) if rng.random() < 0.4 else 0)


def _behind(clip: Clip, moving: list[Moving], layer: Layer) -> Clip:
    """The clip behind a layer; what moves is seen less in place."""
    layer = scaled(layer, clip.shape[1])
    seen = 1 - layer[..., 3]
    moving[:] = [Moving(what.share * seen, what.motion) for what in moving]
    clip *= seen[..., None]
    clip += layer[..., :3]
    return clip


def _veiled(
    rng: np.random.Generator,
    clip: Clip,
    moving: list[Moving],
    light: Light,
    level: Float[np.ndarray, "h w"],
    times: Times,
) -> Clip:
    """In some scenes fog drifts or smoke rises."""
    chance = rng.random()
    if chance > 0.16:
        return clip
    veil = mists.fog if chance < 0.09 else mists.smoke
    clip, drifts = veil(rng, clip, light, level, times)
    moving.insert(1, drifts)
    return clip


def far_things(
    rng: np.random.Generator, light: Light, grains: Grains, line: Line, wet: bool
) -> Layer:
    """Mountains, and what stands at the horizon."""
    layer = lands.far_land(rng, light, grains, line)
    if rng.random() < 0.14:
        layer = over(layer, buildings.skyline(rng, light, grains, line))
    if rng.random() < 0.22:
        layer = over(layer, plants.forest(rng, light, grains, line))
    if rng.random() < 0.06:
        layer = over(layer, structures.masts(rng, light, float(line.mean())))
    if wet and rng.random() < 0.5:  # the far shore ends somewhere
        place = rng.choice([-1, 1]) * (np.arange(SIDE) / SIDE - rng.uniform(0.1, 0.9))
        tallest = np.clip(place * rng.uniform(0.5, 2), -0.02, 1)
        layer = layer * below_line((line - tallest).astype(np.float32), 3.0)[..., None]
    return layer


def near_things(
    rng: np.random.Generator, light: Light, grains: Grains, line: Line, wet: bool
) -> Layer:
    """The ground (with a shore, where there is water) and what stands on it."""
    level = float(line.mean())
    if not wet:
        layer, foot = (
            plains.plain(rng, light, grains, line, rng.choice([0, rng.uniform(0, 0.12)])),
            level,
        )
    else:
        layer, foot = _shore(rng, light, grains, line)
        layer = over(_afloat(rng, light, level), layer)
    if rng.random() < 0.12:
        layer = over(layer, structures.rocks(rng, light, grains, level))
    return layer if foot >= 1 and wet else over(layer, _standing(rng, light, grains, line, foot))


def _standing(
    rng: np.random.Generator, light: Light, grains: Grains, line: Line, foot: float
) -> Layer:
    """What stands on the ground, that begins at a height ``foot`` in the picture."""
    layer = blank()
    low = min(foot + 0.03, 0.95)
    if rng.random() < 0.15:
        edge = line + (foot - line.mean()) + rng.uniform(0, 0.1)
        layer = over(layer, plants.forest(rng, light, grains, edge.astype(np.float32)))
    if rng.random() < 0.15:
        layer = over(layer, _village(rng, light, grains, foot))
    if rng.random() < 0.06:
        layer = over(layer, structures.masts(rng, light, foot))
    if rng.random() < 0.25:
        layer = over(layer, _trees(rng, light, grains, foot))
    if rng.random() < 0.07:
        layer = over(layer, structures.fence(rng, light, rng.uniform(low - 0.05, 1.0)))
    if rng.random() < 0.07:
        layer = over(layer, structures.people(rng, light, rng.uniform(low, 1.05)))
    if rng.random() < 0.07:
        place = (rng.uniform(0.1, 0.9), rng.uniform(low, 1.0))
        layer = over(layer, structures.car(rng, light, place, rng.uniform(0.08, 0.4)))
    return layer


def front_things(rng: np.random.Generator, light: Light, grains: Grains, level: float) -> Layer:
    """In half of the pictures something is near: leaves, a window, a cliff, somebody."""
    layer = blank()
    kind = str(rng.choice(list(_NEAR), p=list(_NEAR.values())))
    if kind == "twigs":
        layer = plants.twigs(rng, light)
    elif kind == "canopy":
        layer = plants.canopy(rng, light, grains)
    elif kind == "grass":
        layer = plants.grass(rng, light)
    elif kind == "canyon":
        layer = buildings.canyon(rng, light, grains)
    elif kind == "cliffs":
        layer = foregrounds.cliffs(rng, light, grains)
    elif kind == "window":
        layer = foregrounds.window(rng, light, grains)
    elif kind == "portrait":
        layer = foregrounds.portrait(rng, light, grains)
    elif kind == "blobs":
        layer = foregrounds.near_blobs(rng, light)
    elif kind == "fence":
        layer = structures.fence(rng, light, rng.uniform(0.5, 0.9))
    elif kind == "masts" and level >= 1:
        layer = structures.masts(rng, light, level)
    if rng.random() < 0.03:
        layer = over(layer, foregrounds.label(rng))
    return over(layer, foregrounds.edges(rng)) if rng.random() < 0.03 else layer


def _shore(
    rng: np.random.Generator, light: Light, grains: Grains, line: Line
) -> tuple[Layer, float]:
    """Land this side of the water, or on both sides of a river; and where it begins."""
    level, chance = float(line.mean()), rng.random()
    if chance < 0.4:  # the water reaches the viewer
        return blank(), 1.0
    x, y = places(SIDE)
    if chance < 0.55:
        depth = np.maximum(y - line, 0)
        bend = (
            rng.uniform(0.2, 0.8)
            + rng.normal(0, 0.3) * depth
            + 0.1 * np.sin(depth * rng.uniform(4, 20))
        )
        inside = rng.uniform(0.02, 0.08) + rng.uniform(0.2, 0.7) * depth - np.abs(x - bend)
        land, begin = np.clip(-inside * SIDE / 2, 0, 1), level
    else:
        reach = rng.uniform(0.1, 0.8) * (1 - np.clip(level, 0, 0.9))
        border = (
            line + reach + rng.normal(0, 0.3) * (x[0] - 0.5) + 0.03 * ridge(rng, SIDE, slope=1.8)
        )
        land, begin = (y - np.maximum(border, line)) * SIDE / rng.uniform(1, 6), level + reach
    ground = plains.plain(rng, light, grains, line)
    return ground * np.clip(land, 0, 1)[..., None].astype(np.float32), begin


def _afloat(rng: np.random.Generator, light: Light, level: float) -> Layer:
    layer = blank()
    if rng.random() < 0.2:
        for _ in range(int(rng.integers(1, 5))):
            y = level + (1 - level) * rng.beta(1, 3)
            layer = over(
                layer,
                structures.boat(
                    rng,
                    light,
                    (rng.uniform(0, 1), y),
                    (0.03 + 0.6 * (y - level)) * rng.uniform(0.5, 1),
                ),
            )
    if rng.random() < 0.1:
        layer = over(layer, structures.bridge(rng, light, level - rng.uniform(0, 0.15)))
    if rng.random() < 0.1:
        layer = over(layer, structures.pier(rng, light, level))
    return layer


def _village(rng: np.random.Generator, light: Light, grains: Grains, level: float) -> Layer:
    layer = blank()
    for y in np.sort(level + rng.uniform(0.0, 0.25, int(rng.integers(1, 6)))):
        tall = (0.05 + 0.5 * (y - level)) * rng.uniform(0.7, 2.5)
        layer = over(layer, buildings.house(rng, light, grains, (rng.uniform(0, 1), y), tall))
    return layer


def _trees(rng: np.random.Generator, light: Light, grains: Grains, level: float) -> Layer:
    layer = blank()
    for y in np.sort(min(level, 1.0) + rng.exponential(0.1, int(rng.integers(1, 4)))):
        tall = rng.uniform(0.12, 0.8)
        layer = over(layer, plants.tree(rng, light, grains, (rng.uniform(0, 1), y + 0.02), tall))
    return layer
