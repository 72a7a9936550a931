"""Clouds of many kinds: where they are, how the light falls on them, and how they drift."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import textures
from ssagan_jax.data.painting.noise import smoothstep

Texture = Float[np.ndarray, "n n"]


@dataclass(frozen=True)
class Kind:
    """What a kind of cloud looks like; ranges are drawn from."""

    often: float
    slope: tuple[float, float]  # of the noise: large is smooth
    low: tuple[float, float]  # clouds a tile, about
    cover: tuple[float, float]  # share of the sky
    soft: tuple[float, float]  # width of the borders, in deviations of the noise
    puff: tuple[float, float] = (0.0, 0.0)  # how much like cauliflower
    stretch: tuple[float, float] = (1.0, 1.0)
    opaque: tuple[float, float] = (0.85, 1.0)
    contrast: tuple[float, float] = (0.4, 0.9)  # of light and shade


KINDS = {
    "cumulus": Kind(
        26.0, (1.5, 2.0), (1.0, 3.0), (0.2, 0.6), (0.25, 0.9), (0.5, 1.2), contrast=(0.6, 1.2)
    ),
    "towers": Kind(
        10.0, (1.7, 2.2), (1.0, 2.0), (0.4, 0.8), (0.2, 0.5), (0.6, 1.3), contrast=(0.8, 1.4)
    ),
    "broken": Kind(14.0, (1.4, 1.9), (2.0, 5.0), (0.35, 0.7), (0.4, 1.2), (0.0, 0.6), (1.0, 2.5)),
    "wisps": Kind(
        10.0,
        (1.4, 1.9),
        (1.0, 3.0),
        (0.2, 0.6),
        (1.0, 2.2),
        (0.0, 0.2),
        (1.0, 3.0),
        (0.4, 0.9),
        (0.1, 0.5),
    ),
    "cirrus": Kind(
        10.0,
        (1.3, 1.7),
        (1.0, 3.0),
        (0.2, 0.6),
        (1.2, 2.4),
        (0.0, 0.0),
        (4.0, 10.0),
        (0.3, 0.9),
        (0.1, 0.4),
    ),
    "stratus": Kind(
        10.0,
        (1.6, 2.1),
        (1.0, 2.0),
        (0.6, 0.95),
        (0.8, 1.8),
        (0.0, 0.3),
        (2.0, 6.0),
        contrast=(0.3, 0.8),
    ),
    "cover": Kind(
        12.0,
        (1.4, 2.1),
        (1.0, 3.0),
        (0.92, 1.0),
        (0.6, 1.5),
        (0.0, 0.8),
        (1.0, 3.0),
        contrast=(0.5, 1.3),
    ),
    "haze": Kind(
        5.0,
        (1.8, 2.2),
        (1.0, 2.0),
        (0.3, 0.8),
        (2.0, 3.0),
        (0.0, 0.0),
        (1.0, 5.0),
        (0.2, 0.6),
        (0.0, 0.2),
    ),
    "few": Kind(
        8.0, (1.4, 1.9), (2.0, 4.0), (0.05, 0.18), (0.3, 0.8), (0.2, 0.8), contrast=(0.4, 0.9)
    ),
}


def draw_kind(rng: np.random.Generator) -> str:
    """One of ``KINDS``."""
    odds = np.array([kind.often for kind in KINDS.values()])
    return str(rng.choice(list(KINDS), p=odds / odds.sum()))


def clouds(rng: np.random.Generator, name: str, light_from: float) -> Float[np.ndarray, "n n 2"]:
    """A tile of clouds: cover and light, in [0, 1].

    Args:
      rng: where the randomness comes from.
      name: of the kind.
      light_from: direction of the light in the picture, from right to down, in radians.
    """
    kind = KINDS[name]
    slope, low, cover, soft, puff, stretch, opaque, contrast = (
        float(rng.uniform(*getattr(kind, field)))
        for field in ("slope", "low", "cover", "soft", "puff", "stretch", "opaque", "contrast")
    )
    angle = float(rng.normal(0, 0.35)) if stretch > 1 else 0.0
    base = textures.rough(rng, slope=slope, low=low, stretch=stretch, angle=angle)
    if puff > 0.1:
        detail = textures.rough(rng, slope=1.2, low=low * 2.5)
        base = textures.billows(base, detail, puff)
    height = textures.finer(base, 0.12 * (2.4 - slope))
    edge = float(np.quantile(height[::8, ::8], 1 - min(cover, 1.0)))
    density = opaque * smoothstep(edge - 0.3 * soft, edge + 0.7 * soft, height)
    return np.stack([density, _lit(base, height, edge, contrast, light_from)], -1)


def _lit(
    base: Texture,
    height: Float[np.ndarray, "2*n 2*n"],
    edge: float,
    contrast: float,
    light_from: float,
) -> Float[np.ndarray, "2*n 2*n"]:
    """Light in [0, 1]: bright towards the sun and at borders, darker where clouds are thick."""
    smooth = cv2.GaussianBlur(base, (0, 0), 2)
    broad = textures.relief(smooth, light_from, 6)
    facing = cv2.resize(broad, height.shape, interpolation=cv2.INTER_LINEAR)
    facing = facing + np.float32(0.3) * textures.relief(height, light_from, 2)
    thick = smoothstep(edge, edge + 2.5, height)
    return np.clip(0.75 + contrast * (0.25 * facing - 0.45 * thick), 0, 1).astype(np.float32)
