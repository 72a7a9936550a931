"""Pictures without a sky, in which nothing moves: flat colours, walls, textures, thickets."""

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting import buildings, plants
from ssagan_jax.data.painting.canvas import SIDE, Brush, blurred, over, places, tinted
from ssagan_jax.data.painting.lands import Grains, draw_material
from ssagan_jax.data.painting.noise import mix, smoothstep
from ssagan_jax.data.painting.plains import scattered
from ssagan_jax.data.painting.skies import Light

Picture = Float[np.ndarray, "n n 3"]


def draw_picture(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """Any of them."""
    kinds = (flat, gradient, texture, bricks, stripes, front, thicket, bokeh, shapes)
    odds = np.array((0.16, 0.12, 0.22, 0.1, 0.1, 0.1, 0.08, 0.06, 0.06))
    picture = kinds[rng.choice(len(kinds), p=odds)](rng, light, grains)
    return np.clip(picture, 0, 1).astype(np.float32)


def any_colour(rng: np.random.Generator) -> Float[np.ndarray, "3"]:
    """Grey as often as coloured, as often dark as light."""
    tone = rng.uniform(0, 1)
    hue = rng.uniform(-0.4, 0.4, 3) * (rng.random() < 0.5)
    return np.clip(tone + hue, 0, 1).astype(np.float32)


def flat(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """One colour, in half of them not quite even."""
    picture = np.broadcast_to(any_colour(rng), (SIDE, SIDE, 3))
    if rng.random() < 0.5:
        return picture
    return picture + np.float32(rng.uniform(0, 0.02)) * grains.soft[:SIDE, :SIDE, None]


def gradient(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """From one colour to another, straight or around a place."""
    x, y = places(SIDE)
    angle = rng.uniform(-np.pi, np.pi)
    along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5
    around = np.hypot(x - rng.uniform(0, 1), y - rng.uniform(0, 1))
    share = along if rng.random() < 0.6 else around
    return mix(any_colour(rng), any_colour(rng), np.clip(share, 0, 1)[..., None].astype(np.float32))


def texture(rng: np.random.Generator, light: Light, grains: Grains, *names: str) -> Picture:
    """A material (of those named) from near by: rock, sand, grass; also cloud-like stains."""
    colour, grain, contrast = draw_material(rng, *names)
    other = any_colour(rng) if rng.random() < 0.4 else colour * 0.6
    piece, broad = grains.piece(rng, grain), grains.piece(rng, "soft")
    stains = smoothstep(-0.5, 1.5, broad)[..., None] * np.float32(rng.uniform(0, 0.9))
    picture = mix(colour, other, stains) * (1 + contrast * piece + 0.1 * broad)[..., None]
    return picture * np.float32(rng.uniform(0.5, 1.1))


def bricks(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """Rows of bricks, stones, tiles or panes, each in a shade of its own."""
    x, y = places(SIDE)
    rows, wide, joint = rng.uniform(3, 25), rng.uniform(0.4, 2.5), rng.uniform(0.04, 0.15)
    slant = rng.normal(0, 0.1)
    v = (y + slant * x) * rows
    u = (x - slant * y) * rows / wide + (np.floor(v) % 2) * rng.choice([0, 0.5])
    shade = scattered(np.floor(u), np.floor(v))
    lines = (np.abs(u % 1 - 0.5) > 0.5 - joint / 2 / wide) | (np.abs(v % 1 - 0.5) > 0.5 - joint / 2)
    colour = any_colour(rng) * (1 + np.float32(rng.uniform(0, 0.5)) * (shade - 0.5))[..., None]
    picture = mix(colour, any_colour(rng), lines[..., None].astype(np.float32))
    return picture * (1 + 0.1 * grains.piece(rng, "patchy"))[..., None]


def stripes(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """Planks, blinds, a curtain, corrugated iron."""
    x, y = places(SIDE)
    angle = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.1)
    along = (x * np.cos(angle) + y * np.sin(angle)) * rng.uniform(3, 40)
    wave = np.sin(2 * np.pi * along) if rng.random() < 0.5 else np.where(along % 1 < 0.9, 0.5, -1.0)
    shade = scattered(np.floor(along), np.zeros_like(along))
    gain = 1 + rng.uniform(0.05, 0.4) * wave + rng.uniform(0, 0.3) * shade
    return any_colour(rng) * (gain + 0.08 * grains.piece(rng, "patchy"))[..., None].astype(
        np.float32
    )


def front(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """The front of a building that fills the picture."""
    brush = Brush()
    colour = buildings.wall_colour(rng, light)
    for x in np.arange(-rng.uniform(0, 0.4), 1, rng.uniform(0.4, 1.2)):
        tone = np.clip(colour * rng.uniform(0.7, 1.2), 0, 1)
        buildings.block(rng, brush, tone, (x, -0.3, x + 1.2, 1.2), 0.3 if light.dark else 0.0)
    below = tinted(colour, np.ones((SIDE, SIDE), np.float32))
    return over(below, brush.layer())[..., :3] * (1 + 0.06 * grains.piece(rng, "soft"))[..., None]


def thicket(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """Inside a wood: trunks, leaves, dark and light."""
    picture = texture(rng, light, grains) * 0.5
    layer = tinted(picture, np.ones((SIDE, SIDE), np.float32))
    brush = Brush()
    bark = np.array((0.3, 0.24, 0.18)) * rng.uniform(0.3, 2)
    for _ in range(int(rng.integers(3, 25))):
        x, wide = rng.uniform(0, 1), rng.uniform(0.005, 0.06)
        brush.line(
            [(x, -0.05), (x + rng.normal(0, 0.05), 1.05)], bark * rng.uniform(0.5, 1.3), wide
        )
    leaves = plants.leaf_colour(rng, light) + 0.05
    for x, y in rng.uniform(0, 1, (int(rng.integers(20, 200)), 2)):
        radius = rng.uniform(0.01, 0.05)
        brush.ellipse(
            (x, y), (radius, radius * 0.6), leaves * rng.uniform(0.4, 2), rng.uniform(0, 180)
        )
    return over(layer, brush.layer())[..., :3]


def bokeh(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """Lights or things out of focus."""
    brush = Brush()
    for x, y in rng.uniform(0, 1, (int(rng.integers(5, 60)), 2)):
        radius = rng.uniform(0.02, 0.2)
        brush.ellipse((x, y), (radius, radius), any_colour(rng))
    soft = blurred(brush.layer(), rng.uniform(0.005, 0.08))
    return over(tinted(any_colour(rng), np.ones((SIDE, SIDE), np.float32)), soft)[..., :3]


def shapes(rng: np.random.Generator, light: Light, grains: Grains) -> Picture:
    """Sharp boxes, discs and lines: things on a table, signs, a drawing, print."""
    brush = Brush()
    for _ in range(int(rng.integers(2, 30))):
        x, y = rng.uniform(-0.1, 1, 2)
        wide, high = rng.exponential(0.15, 2)
        which = rng.random()
        if which < 0.5:
            brush.box(x, y, x + wide, y + high, any_colour(rng))
        elif which < 0.8:
            brush.ellipse((x, y), (wide / 2, high / 2), any_colour(rng), rng.uniform(0, 180))
        else:
            brush.line([(x, y), tuple(rng.uniform(0, 1, 2))], any_colour(rng), 0.01)
    return over(tinted(any_colour(rng), np.ones((SIDE, SIDE), np.float32)), brush.layer())[..., :3]
