"""What stands right before the camera: window frames, arches, cliffs, people, blurred things."""

import numpy as np

from ssagan_jax.data.painting.canvas import (
    SIDE,
    Brush,
    Layer,
    blurred,
    places,
    textured,
    tinted,
)
from ssagan_jax.data.painting.lands import Grains, draw_material
from ssagan_jax.data.painting.noise import ridge, smoothstep
from ssagan_jax.data.painting.skies import Light


def window(rng: np.random.Generator, light: Light, grains: Grains) -> Layer:
    """The view out of a window, a car or an arch: a frame around the picture, perhaps with bars."""
    brush = Brush()
    tone = (
        rng.uniform(0.02, 1.0) * light.land
        if rng.random() < 0.7
        else np.full(3, rng.uniform(0.2, 0.95))
    )
    colour = np.clip(tone * np.exp(rng.normal(0, 0.08, 3)), 0, 1)
    brush.box(0.0, 0.0, 1.0, 1.0, colour)
    layer = textured(brush.layer(), grains.piece(rng, "soft"), rng.uniform(0, 0.2))
    left, top, right, foot = rng.uniform(0.02, 0.3, 4)
    x, y = places(SIDE)
    hole = (x > left) & (x < 1 - right) & (y > top) & (y < 1 - foot)
    if rng.random() < 0.3:  # an arch
        wide = (1 - left - right) / 2
        hole &= (y > top + wide) | (np.hypot(x - left - wide, y - top - wide) < wide)
    bars = np.zeros((SIDE, SIDE), bool)
    for coordinate in (x, y):
        if rng.random() < 0.45:
            bars |= np.abs(coordinate - rng.uniform(0.35, 0.65)) < rng.uniform(0.006, 0.03)
    return layer * (1 - (hole & ~bars).astype(np.float32))[..., None]


def cliffs(rng: np.random.Generator, light: Light, grains: Grains) -> Layer:
    """Rock, a wall or a dark wood at one side of the picture, or at both."""
    x, y = places(SIDE)
    matte = np.zeros((SIDE, SIDE), np.float32)
    for side in rng.choice([-1, 1], int(rng.integers(1, 3))):
        edge = (
            rng.uniform(0.08, 0.35) + 0.06 * ridge(rng, SIDE, slope=rng.uniform(1.0, 2.0))[:, None]
        )
        edge = edge + rng.uniform(-0.3, 0.6) * (y - 0.5)
        inside = x if side > 0 else 1 - x
        matte = np.maximum(matte, np.clip((edge - inside) * SIDE / 2, 0, 1))
    colour, grain, contrast = draw_material(
        rng, "rock", "forest", "red rock", "stone", "snow", "bush"
    )
    layer = tinted(colour * light.land, matte.astype(np.float32))
    return textured(
        textured(layer, grains.piece(rng, grain), contrast), grains.piece(rng, "rugged"), 0.3
    )


def portrait(rng: np.random.Generator, light: Light, grains: Grains) -> Layer:
    """Head and shoulders of somebody, from the front or from behind."""
    x = places(SIDE)[0]
    brush = Brush()
    middle, head = rng.uniform(0.25, 0.75), rng.uniform(0.08, 0.2)
    chin = rng.uniform(0.5, 0.8)
    lit = np.maximum(light.land, 0.15)
    skin = np.array((0.88, 0.68, 0.56)) * rng.uniform(0.3, 1.1) * lit
    coat = np.clip(rng.uniform(0.02, 0.95, 3) * lit, 0, 1)
    hair = np.clip(np.array((0.35, 0.22, 0.12)) * rng.uniform(0.1, 2.5) * lit, 0, 1)
    wide = head * rng.uniform(2.0, 2.8)
    brush.ellipse((middle, chin + head * 2.3), (wide, head * 2.0), coat)
    brush.box(middle - wide, chin + head * 2.3, middle + wide, 1.2, coat)
    brush.box(
        middle - head * 0.4, chin - head, middle + head * 0.4, chin + head * 0.55, skin * 0.85
    )
    brush.ellipse((middle, chin - head * 1.25), (head * 1.1, head * 1.35), hair)
    if rng.random() < 0.3:
        brush.box(middle - head * 1.1, chin - head * 1.2, middle + head * 1.1, chin + head, hair)
    if rng.random() < 0.7:
        brush.ellipse((middle, chin - head), (head * 0.85, head * 1.1), skin)
        for side in (-0.35, 0.35):
            brush.ellipse(
                (middle + side * head, chin - head * 1.1), (head * 0.12, head * 0.07), hair * 0.5
            )
        brush.ellipse(
            (middle, chin - head * 0.4),
            (head * 0.28, head * 0.08),
            skin * np.array((0.8, 0.5, 0.5)),
        )
    shade = (x - middle) / head * rng.choice([-1, 1])
    layer = textured(brush.layer(), shade.astype(np.float32), rng.uniform(0, 0.15))
    return textured(layer, grains.piece(rng, "soft"), 0.06)


def near_blobs(rng: np.random.Generator, light: Light) -> Layer:
    """Leaves, flowers or a rail so near that they are out of focus, at the picture's borders."""
    brush = Brush()
    colour = rng.uniform(0.02, 0.9, 3) * light.land
    low = rng.random() < 0.6
    for _ in range(int(rng.integers(3, 20))):
        along, across = rng.uniform(0, 1), rng.exponential(0.12)
        place = (along, 1 - across) if low else (rng.choice([across, 1 - across]), along)
        radii = tuple(rng.uniform(0.02, 0.12, 2))
        brush.ellipse(
            place, radii, np.clip(colour * rng.uniform(0.6, 1.5), 0, 1), rng.uniform(0, 180)
        )
    return blurred(brush.layer(), rng.uniform(0.01, 0.04))


def label(rng: np.random.Generator) -> Layer:
    """A few letters, a date or a station's sign in a corner."""
    brush = Brush()
    tone = np.full(3, rng.choice([0.05, 1.0])) if rng.random() < 0.7 else rng.uniform(0, 1, 3)
    x, y = rng.choice([0.04, 0.6]), rng.choice([0.04, 0.9])
    high = rng.uniform(0.02, 0.06)
    if rng.random() < 0.3:
        brush.box(x - 0.02, y - 0.02, x + 0.3, y + high + 0.02, 1 - tone)
    for _ in range(int(rng.integers(3, 9))):
        wide = high * rng.uniform(0.3, 0.9)
        brush.line([(x, y), (x, y + high), (x + wide, y + high * rng.random())], tone, 0.008)
        x += wide * 1.4
    return brush.layer() * np.float32(rng.uniform(0.5, 1))


def edges(rng: np.random.Generator) -> Layer:
    """Bars above and below, or at the sides, or a dark or light border, as of a film or a print."""
    x, y = places(SIDE)
    across = y if rng.random() < 0.6 else x
    wide, tone = rng.uniform(0.03, 0.16), 0.0 if rng.random() < 0.7 else 1.0
    apart = np.minimum(across, 1 - across)
    if rng.random() < 0.2:
        apart = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    matte = 1 - smoothstep(wide - 0.5 / SIDE, wide + 0.5 / SIDE, apart)
    return tinted(np.full(3, tone, np.float32), matte.astype(np.float32))
