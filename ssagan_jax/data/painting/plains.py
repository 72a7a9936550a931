"""Land that lies flat before the viewer: fields, furrows, roads, pavements, snow, sand."""

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting.canvas import SIDE, Layer, below_line, places, tinted
from ssagan_jax.data.painting.drift import plane
from ssagan_jax.data.painting.lands import Grains, Line, Square, draw_material
from ssagan_jax.data.painting.noise import mix, ridge, smoothstep
from ssagan_jax.data.painting.skies import Light

Picture = Float[np.ndarray, "n n 3"]

# What may lie on the ground, and how often.
_PATTERNS = {"patches": 0.4, "fields": 0.2, "furrows": 0.2, "road": 0.15, "tiles": 0.05}


def plain(
    rng: np.random.Generator, light: Light, grains: Grains, line: Line, rise: float = 0.0
) -> Layer:
    """Land from the horizon (or ``rise`` above it) to the viewer: fields, roads, snow, sand."""
    level = np.broadcast_to(line[None], (SIDE, SIDE))
    surface = plane(SIDE, level, tiles=rng.uniform(0.1, 0.5), height=rng.uniform(0.04, 0.3))
    colour, grain, contrast = draw_material(rng)
    texture = _lying(getattr(grains, grain), surface.u * 2, surface.v * 2)
    broad = _lying(grains.soft, surface.u * 0.3 + rng.random(), surface.v * 0.3)
    gain = np.clip(0.85 + contrast * texture + rng.uniform(0.05, 0.3) * broad, 0.1, 2)
    pattern = str(rng.choice(list(_PATTERNS), p=list(_PATTERNS.values())))
    other = draw_material(rng)[0]
    on_top = _PAINTERS[pattern](rng, surface.u, surface.v, broad)
    picture = mix(colour * gain[..., None], other, on_top[..., None].astype(np.float32))
    y = places(SIDE)[1]
    far = np.exp(-np.maximum(y - level, 0) * rng.uniform(8, 30))[..., None] * rng.uniform(0, 0.7)
    fall = 1 - rng.uniform(-0.3, 0.5) * np.clip(y - level, 0, 1)[..., None]
    picture = mix(picture * light.land * fall, light.horizon, far)
    top = line - rise * np.clip(0.5 + 0.4 * ridge(rng, SIDE, slope=2.0), 0, 1)
    return tinted(picture, below_line(top))


def _patches(rng: np.random.Generator, u: Square, v: Square, broad: Square) -> Square:
    """Spots of another material: how much of it there is in each place, as in all patterns."""
    return smoothstep(0.2, 0.8, broad * np.float32(rng.choice([-1, 1]))) * rng.uniform(0, 0.8)


def _fields(rng: np.random.Generator, u: Square, v: Square, broad: Square) -> Square:
    turn = rng.uniform(-0.6, 0.6)
    row, column = (
        np.floor(v * rng.uniform(3, 9) + turn * u),
        np.floor(u * rng.uniform(3, 9) - turn * v),
    )
    return 0.8 * scattered(row, column)


def _furrows(rng: np.random.Generator, u: Square, v: Square, broad: Square) -> Square:
    wave = np.sin((u + v * rng.normal(0, 0.2)) * rng.uniform(60, 200))
    fine = np.clip(np.abs(np.gradient(u, axis=1)) * 60, 0, 1)
    return 0.35 * (wave * (1 - fine) * 0.5 + 0.5)


def _road(rng: np.random.Generator, u: Square, v: Square, broad: Square) -> Square:
    """With or without dashes in its middle."""
    place, bend, width = rng.normal(0, 0.15), rng.normal(0, 0.05), rng.uniform(0.02, 0.12)
    apart = np.abs(u - place - bend * v**2) / width
    dashes = (apart < 0.06) & (v * 12 % 1 < 0.6) & (rng.random() < 0.6)
    return (1 - smoothstep(0.9, 1.05, apart)) * (1 - dashes)


def _tiles(rng: np.random.Generator, u: Square, v: Square, broad: Square) -> Square:
    lines = (np.abs(u * 30 % 1 - 0.5) > 0.46) | (np.abs(v * 30 % 1 - 0.5) > 0.46)
    return rng.uniform(0.2, 0.7) * lines


_PAINTERS = {
    "patches": _patches,
    "fields": _fields,
    "furrows": _furrows,
    "road": _road,
    "tiles": _tiles,
}


def scattered(row: Square, column: Square) -> Square:
    """A number in [0, 1) for each pair of whole numbers, the same for the same pair."""
    return np.sin(row * 127.1 + column * 311.7) * 43758.5 % 1


def _lying(texture: Float[np.ndarray, "m m"], u: Square, v: Square) -> Square:
    """A texture on a plane, smoother where it is far away."""
    side = np.float32(texture.shape[0])
    near = cv2.remap(texture, u * side, v * side, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    rate = np.abs(np.gradient(v, axis=0)) * side
    return near / np.maximum(1, rate)
