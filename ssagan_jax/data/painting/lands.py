"""Still land: materials, mountain ranges, hills and plains under the light of the sky."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import textures
from ssagan_jax.data.painting.canvas import SIDE, Layer, below_line, blank, over, places, tinted
from ssagan_jax.data.painting.noise import mix, ridge, smoothstep
from ssagan_jax.data.painting.skies import Light

Line = Float[np.ndarray, "n"]
Square = Float[np.ndarray, "n n"]

# Material: how often, colour, how much the colour varies, which grain, contrast of the grain.
MATERIALS = {
    "forest": (14, (38, 58, 30), 0.3, "patchy", 0.35),
    "autumn": (4, (140, 80, 30), 0.3, "patchy", 0.35),
    "bush": (6, (90, 96, 50), 0.3, "patchy", 0.5),
    "meadow": (9, (96, 132, 52), 0.3, "soft", 0.16),
    "crop": (6, (190, 165, 80), 0.3, "fine", 0.15),
    "rock": (10, (116, 108, 100), 0.3, "rugged", 0.45),
    "red rock": (4, (160, 92, 62), 0.25, "rugged", 0.4),
    "soil": (5, (110, 84, 60), 0.3, "patchy", 0.3),
    "sand": (8, (214, 190, 148), 0.15, "soft", 0.1),
    "snow": (9, (238, 242, 250), 0.05, "soft", 0.1),
    "ice": (3, (200, 220, 235), 0.1, "rugged", 0.15),
    "stone": (6, (190, 186, 178), 0.15, "patchy", 0.15),
    "asphalt": (4, (90, 90, 94), 0.15, "fine", 0.1),
    "white": (3, (240, 238, 232), 0.05, "soft", 0.04),
}
_SNOW = np.array((0.94, 0.97, 1.0), np.float32)


@dataclass(frozen=True)
class Grains:
    """Textures of one scene, taken from other places of their tiles for each thing."""

    soft: Square
    rugged: Square
    fine: Square
    patchy: Square

    def piece(self, rng: np.random.Generator, name: str) -> Square:
        """One of them, from anywhere in its tile."""
        return textures.moved(rng, getattr(self, name))[:SIDE, :SIDE]


def draw_grains(rng: np.random.Generator) -> Grains:
    """The textures of a scene."""
    soft = textures.rough(rng, slope=rng.uniform(1.3, 1.8))
    mid = textures.rough(rng, slope=rng.uniform(0.6, 1.2), low=rng.uniform(4, 12))
    fine = textures.rough(rng, slope=rng.uniform(0.3, 1.0), low=rng.uniform(12, 32))
    rugged = textures.relief(soft + 0.25 * mid, rng.uniform(-np.pi, 0), 2)
    patchy = np.tanh(1.5 * mid) + 0.5 * fine
    return Grains(soft, rugged, fine, patchy.astype(np.float32))


def draw_material(rng: np.random.Generator, *names: str) -> tuple[np.ndarray, str, float]:
    """Colour [3], grain and contrast of one of the materials (of all, where none is named)."""
    names = names or tuple(MATERIALS)
    odds = np.array([MATERIALS[name][0] for name in names], float)
    _, colour, varies, grain, contrast = MATERIALS[str(rng.choice(names, p=odds / odds.sum()))]
    tone = np.exp(rng.normal(0, varies)) * np.exp(rng.normal(0, 0.4 * varies, 3))
    colour = np.clip(np.array(colour) / 255 * tone, 0.01, 1).astype(np.float32)
    return colour, grain, contrast * float(rng.uniform(0.5, 1.5))


def level_line(level: float, tilt: float) -> Line:
    """The horizon's height in each column of the canvas."""
    return (level + tilt * (places(SIDE)[0][0] - 0.5)).astype(np.float32)


def far_land(rng: np.random.Generator, light: Light, grains: Grains, line: Line) -> Layer:
    """None to four ranges of mountains or hills, the farther the hazier, above the horizon."""
    layer = blank()
    ranges = int(rng.choice(5, p=[0.2, 0.3, 0.25, 0.15, 0.1]))
    tall, hazy = rng.uniform(0.02, 0.3), rng.uniform(0.0, 0.85)
    style = str(rng.choice(["alps", "hills", "mesas", "rough"]))
    for index in range(ranges):
        nearness = (index + 1) / ranges
        top = line - tall * (1 - 0.75 * (nearness - 1 / ranges)) * _profile(rng, style)
        haze = hazy * (1 - nearness) + 0.15 * hazy
        layer = over(layer, _range(rng, light, grains, top, haze, tall))
    return layer


def _profile(rng: np.random.Generator, style: str) -> Line:
    """A line of heights, about 0 to 1.5."""
    if style == "alps":
        coarse, spiky = ridge(rng, SIDE, slope=1.7), np.abs(ridge(rng, SIDE, slope=1.0, low=3))
        return 0.7 + 0.25 * coarse - 0.3 * (spiky - 0.8)
    if style == "hills":
        return 0.5 + 0.25 * ridge(rng, SIDE, slope=2.2)
    if style == "mesas":
        return np.clip(0.4 + 0.8 * ridge(rng, SIDE, slope=1.6), 0.1, 0.9)
    return 0.6 + 0.3 * ridge(rng, SIDE, slope=1.3)


def _range(
    rng: np.random.Generator, light: Light, grains: Grains, top: Line, haze: float, tall: float
) -> Layer:
    y = places(SIDE)[1]
    colour, grain, contrast = draw_material(
        rng, "forest", "rock", "red rock", "meadow", "bush", "snow", "soil", "ice", "autumn"
    )
    texture = grains.piece(rng, grain)
    shade = grains.piece(rng, "rugged")
    gain = np.clip(0.8 + contrast * texture + rng.uniform(0, 0.35) * shade, 0.08, 2.2)
    lower = (y - top) / max(tall, 0.05)
    white = np.clip(0.85 + 0.18 * shade, 0.3, 1.05)[..., None] * _SNOW
    snow = _above(lower + 0.12 * texture, rng.uniform(0.1, 0.6)) * (rng.random() < 0.3)
    picture = mix(colour * gain[..., None], white, snow[..., None])
    veil = haze + rng.uniform(0, 0.3) * haze * np.clip(lower, 0, 1)[..., None]
    picture = mix(picture * light.land, light.horizon, np.clip(veil, 0, 1))
    return tinted(picture, below_line(top, rng.uniform(1, 3)))


def _above(depth: Square, edge: float) -> Square:
    """1 where the depth is less than the edge, with a soft border."""
    return 1 - smoothstep(edge - 0.06, edge + 0.06, depth)
