"""Fog that drifts over the land, and smoke that rises from it."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import drift, textures
from ssagan_jax.data.painting.airs import Clip, Moving, blown, draw_direction, draw_speed
from ssagan_jax.data.painting.canvas import places
from ssagan_jax.data.painting.noise import mix, smoothstep
from ssagan_jax.data.painting.skies import Light

Field = Float[np.ndarray, "h w"]
_SEEN = 0.1


def fog(
    rng: np.random.Generator, clip: Clip, light: Light, level: Field, times: Float[np.ndarray, "t"]
) -> tuple[Clip, Moving]:
    """Banks of fog in a band of heights, in front of all that is in the clip."""
    size = clip.shape[1]
    texture = textures.rough(rng, slope=rng.uniform(1.4, 2.0), stretch=rng.uniform(1, 4))
    edge = rng.uniform(-1, 0.8)
    banks = smoothstep(edge, edge + rng.uniform(1.5, 2.5), texture)
    surface = drift.flat(size, tiles=rng.uniform(0.3, 0.8))
    surface = blown(surface, draw_direction(rng), draw_speed(rng, 0.005))
    middle, reach = level + rng.uniform(-0.3, 0.3), rng.uniform(0.1, 0.5)
    band = np.exp(-(((places(size)[1] - middle) / np.float32(reach)) ** 2))
    cover = drift.carried(banks, surface, times) * (band * np.float32(rng.uniform(0.4, 1)))
    moving = Moving((cover.mean(0) > _SEEN).astype(np.float32), drift.motion(surface))
    return mix(clip, mix(light.horizon, light.cloud, 0.4), cover[..., None]), moving


def smoke(
    rng: np.random.Generator, clip: Clip, light: Light, level: Field, times: Float[np.ndarray, "t"]
) -> tuple[Clip, Moving]:
    """A plume that rises from one place, bent by the wind."""
    size = clip.shape[1]
    x, y = places(size)
    foot, bend = float(np.clip(level.mean() + rng.uniform(-0.1, 0.2), 0.4, 1.0)), rng.normal(0, 0.6)
    up = np.maximum(foot - y, 0)
    width = rng.uniform(0.01, 0.04) + rng.uniform(0.08, 0.4) * up
    across = (x - rng.uniform(0.2, 0.8) - bend * up**1.5) / width
    texture = textures.rough(rng, slope=rng.uniform(1.2, 1.7), low=2.0)
    surface = drift.Surface((0.12 * across).astype(np.float32), (0.5 * y).astype(np.float32))
    surface = replace(surface, speed=(0.0, -0.5 * rng.uniform(0.003, 0.012)))
    shape = np.exp(-np.float32(rng.uniform(0.6, 1.5)) * across**2) * smoothstep(0.0, 0.04, up)
    lumps = np.clip(0.65 + 0.4 * drift.carried(texture, surface, times), 0, 1)
    cover = lumps * (shape * np.exp(-up / rng.uniform(0.3, 1.5)) * rng.uniform(0.5, 1)).astype(
        np.float32
    )
    tone = (
        mix(light.shade, light.cloud, rng.uniform(0, 1)) if rng.random() < 0.7 else 0.3 * light.land
    )
    moving = Moving((cover.mean(0) > _SEEN).astype(np.float32), drift.motion(surface))
    return mix(clip, tone.astype(np.float32), cover[..., None]), moving
