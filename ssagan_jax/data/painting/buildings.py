"""Houses, towers and skylines, by day and with lit windows by night."""

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting.canvas import Brush, Layer, textured
from ssagan_jax.data.painting.lands import Grains
from ssagan_jax.data.painting.noise import mix
from ssagan_jax.data.painting.skies import Light

Line = Float[np.ndarray, "n"]
Box = tuple[float, float, float, float]  # left, top, right, foot

_WALLS = (
    (235, 230, 220), (210, 190, 160), (190, 120, 90), (150, 150, 155), (100, 105, 115),
    (70, 80, 95), (220, 200, 120), (160, 70, 60), (130, 160, 180), (60, 60, 65),
)  # fmt: skip
_LAMP = np.array((1.0, 0.82, 0.45), np.float32)


def wall_colour(rng: np.random.Generator, light: Light) -> np.ndarray:
    """Of a wall or a roof in the light of the hour."""
    colour = np.array(_WALLS[rng.integers(len(_WALLS))]) / 255 * np.exp(rng.normal(0, 0.2))
    return np.clip(colour * light.land, 0, 1).astype(np.float32)


def skyline(rng: np.random.Generator, light: Light, grains: Grains, line: Line) -> Layer:
    """A town along a line: blocks of all heights, farther ones paler."""
    brush = Brush()
    tall, lit = rng.gamma(2.0, 0.06), rng.uniform(0.1, 0.6) if light.dark else 0.0
    plain = wall_colour(rng, light)
    same = rng.random() < 0.4  # all in one colour: a silhouette, or a town of one stone
    for haze in (0.5, 0.2, 0.0):
        hazy = haze * rng.uniform(0, 1.4)
        for x in np.sort(rng.uniform(-0.1, 1.0, int(rng.integers(4, 16)))):
            wide, high = rng.uniform(0.03, 0.13), tall * rng.gamma(3, 0.25) * (1 + haze)
            ground = float(line[int(np.clip(x, 0, 0.999) * len(line))])
            colour = mix(plain if same else wall_colour(rng, light), light.horizon, min(hazy, 0.9))
            block(rng, brush, colour, (x, ground - high, x + wide, ground + 0.3), lit)
    return textured(brush.layer(), grains.piece(rng, "fine"), rng.uniform(0, 0.15))


def canyon(rng: np.random.Generator, light: Light, grains: Grains) -> Layer:
    """A street between tall buildings, the sky above it."""
    brush = Brush()
    lit = rng.uniform(0.1, 0.6) if light.dark else 0.0
    gap, middle = rng.uniform(0.15, 0.6), rng.uniform(0.3, 0.7)
    for nearness in (0.3, 0.6, 1.0):
        for side in (-1, 1):
            edge = middle + side * gap * (0.3 + 0.7 * nearness) / 2 + rng.normal(0, 0.03)
            top = rng.uniform(-0.3, 0.6) * (1.2 - nearness)
            left, right = (edge, 1.3) if side > 0 else (-0.3, edge)
            block(rng, brush, wall_colour(rng, light), (left, top, right, 1.1), lit)
    return textured(brush.layer(), grains.piece(rng, "soft"), rng.uniform(0, 0.12))


def block(
    rng: np.random.Generator,
    brush: Brush,
    colour: np.ndarray,
    box: Box,
    lit: float,
) -> None:
    """A building with flat, stepped or pointed top; windows, of which the share ``lit`` is lit."""
    left, top, right, foot = box
    brush.box(left, top, right, foot, colour)
    middle, wide = (left + right) / 2, right - left
    crown = rng.random()
    if crown < 0.12:
        brush.polygon(
            [(left, top), (middle, top - wide * rng.uniform(0.4, 3)), (right, top)], colour * 0.85
        )
    elif crown < 0.2:
        brush.line([(middle, top), (middle, top - rng.uniform(0.02, 0.12))], colour, 0.006)
    elif crown < 0.35:
        brush.box(left + wide * 0.25, top - 0.02, right - wide * 0.25, top, colour * 0.9)
    if rng.random() < 0.3:
        brush.box(left + wide * 0.7, top, right, foot, colour * rng.uniform(0.6, 0.9))
    if rng.random() < 0.75:
        _windows(rng, brush, colour, box, lit)


def _windows(
    rng: np.random.Generator, brush: Brush, colour: np.ndarray, box: Box, lit: float
) -> None:
    left, top, right, foot = box
    step_x, step_y = rng.uniform(0.014, 0.04, 2)
    pane = colour * rng.uniform(0.3, 0.7) if rng.random() < 0.75 else np.minimum(colour * 1.4, 1)
    columns = np.arange(left + step_x * 0.4, right - step_x * 0.6, step_x)
    rows = np.arange(top + step_y * 0.4, min(foot, 1.0), step_y)[:25]
    for y in rows:
        for x, chance, bright in zip(
            columns, rng.random(len(columns)), rng.uniform(0.5, 1, len(columns)), strict=True
        ):
            tone = _LAMP * bright if chance < lit else pane
            brush.box(x, y, x + step_x * 0.55, y + step_y * 0.6, tone)


def house(
    rng: np.random.Generator, light: Light, grains: Grains, foot: tuple[float, float], tall: float
) -> Layer:
    """A house with a gable, a church with a spire, a barn, a lighthouse."""
    brush = Brush()
    x, y = foot
    wide = tall * rng.uniform(0.6, 2.0)
    wall, roof = wall_colour(rng, light), wall_colour(rng, light) * 0.8
    lit = 0.5 if light.dark else 0.0
    kind = str(rng.choice(["house", "church", "light"], p=[0.7, 0.18, 0.12]))
    if kind == "light":
        brush.polygon(
            [
                (x - 0.1 * tall, y),
                (x - 0.06 * tall, y - tall),
                (x + 0.06 * tall, y - tall),
                (x + 0.1 * tall, y),
            ],
            wall,
        )
        brush.box(x - 0.09 * tall, y - 1.1 * tall, x + 0.09 * tall, y - tall, roof)
        return brush.layer()
    eaves = y - tall * 0.55
    brush.box(x - wide / 2.0, eaves, x + wide / 2.0, y, wall)
    brush.polygon(
        [
            (x - wide * 0.56, eaves),
            (x - wide * rng.uniform(0, 0.4), y - tall),
            (x + wide * rng.uniform(0, 0.4), y - tall),
            (x + wide * 0.56, eaves),
        ],
        roof,
    )
    _windows(rng, brush, wall, (x - wide / 2, eaves, x + wide / 2, y), lit)
    if kind == "church":
        side = x + wide * rng.choice([-0.4, 0.4])
        brush.box(side - 0.14 * tall, y - 1.2 * tall, side + 0.14 * tall, y, wall * 0.95)
        brush.polygon(
            [
                (side - 0.16 * tall, y - 1.2 * tall),
                (side, y - 2.2 * tall),
                (side + 0.16 * tall, y - 1.2 * tall),
            ],
            roof,
        )
    elif rng.random() < 0.5:
        brush.box(x + wide * 0.2, y - tall * 1.1, x + wide * 0.28, y - tall * 0.7, wall * 0.7)
    return textured(brush.layer(), grains.piece(rng, "patchy"), rng.uniform(0, 0.15))
