"""Small and thin things: boats, bridges, piers, masts and wires, fences, cars, people, rocks."""

from itertools import pairwise

import numpy as np

from ssagan_jax.data.painting.buildings import wall_colour
from ssagan_jax.data.painting.canvas import Brush, Layer, textured
from ssagan_jax.data.painting.lands import Grains, draw_material
from ssagan_jax.data.painting.skies import Light


def dark(rng: np.random.Generator, light: Light) -> np.ndarray:
    """Of iron, tarred wood, or anything against the light."""
    return np.clip(rng.uniform(0.03, 0.4) * light.land * np.exp(rng.normal(0, 0.1, 3)), 0, 1)


def boat(rng: np.random.Generator, light: Light, place: tuple[float, float], long: float) -> Layer:
    """A hull with a sail, bare masts or a cabin; lies still."""
    brush = Brush()
    x, y = place
    hull, sail = wall_colour(rng, light), np.clip(light.land * rng.uniform(0.6, 1.1), 0, 1)
    kind = str(rng.choice(["sail", "mast", "cabin", "row"]))
    side = rng.choice([-1, 1])
    if kind in ("sail", "mast"):
        brush.line([(x, y), (x, y - long * 1.5)], dark(rng, light), 0.005)
    if kind == "sail":
        brush.polygon(
            [(x, y - long * 1.5), (x, y - long * 0.2), (x + side * long * 0.55, y - long * 0.2)],
            sail,
        )
        brush.polygon(
            [(x, y - long * 1.3), (x, y - long * 0.2), (x - side * long * 0.4, y - long * 0.2)],
            sail * 0.9,
        )
    if kind == "cabin":
        brush.box(x - long * 0.25, y - long * 0.35, x + long * 0.2, y, wall_colour(rng, light))
    deck = long * rng.uniform(0.1, 0.2)
    brush.polygon(
        [
            (x - long / 2, y - deck),
            (x + long / 2, y - deck),
            (x + long * 0.38, y + deck * 0.4),
            (x - long * 0.4, y + deck * 0.4),
        ],
        hull,
    )
    return brush.layer()


def bridge(rng: np.random.Generator, light: Light, y: float) -> Layer:
    """From one side of the picture to the other: on piers, on arches, or hung from towers."""
    brush = Brush()
    colour = wall_colour(rng, light) if rng.random() < 0.5 else dark(rng, light)
    thick, rise = rng.uniform(0.008, 0.03), rng.normal(0, 0.04)
    places = np.linspace(-0.05, 1.05, 45)
    deck = [(x, y + rise * (x - 0.5)) for x in places]
    brush.line(deck, colour, thick)
    kind = str(rng.choice(["piers", "arches", "hung", "stays"]))
    posts = np.arange(rng.uniform(0, 0.2), 1, rng.uniform(0.12, 0.4))
    drop = rng.uniform(0.05, 0.25)
    for x in posts:
        brush.box(x - thick * 0.7, y + rise * (x - 0.5), x + thick * 0.7, y + drop, colour)
    if kind == "arches":
        step = posts[1] - posts[0] if len(posts) > 1 else 0.3
        lower = [
            (x, y + drop * (0.15 + 0.8 * (2 * ((x - posts[0]) / step % 1) - 1) ** 4))
            for x in np.linspace(0, 1, 120)
        ]
        brush.polygon([(0, y), *lower, (1, y)], colour)
    elif kind in ("hung", "stays"):
        _towers(rng, brush, colour, y, thick, kind)
    return brush.layer()


def _towers(
    rng: np.random.Generator, brush: Brush, colour: np.ndarray, y: float, thick: float, kind: str
) -> None:
    left, right, high = rng.uniform(0.1, 0.35), rng.uniform(0.6, 0.9), rng.uniform(0.12, 0.4)
    for x in (left, right):
        brush.box(x - thick, y - high, x + thick, y + 0.15, colour)
    if kind == "hung":
        for x in np.linspace(left, right, 22):
            sag = y - high * (0.08 + 0.92 * (2 * (x - left) / (right - left) - 1) ** 2)
            brush.line([(x, sag), (x, y)], colour, 0.003)
        curve = [
            (x, y - high * (0.08 + 0.92 * (2 * (x - left) / (right - left) - 1) ** 2))
            for x in np.linspace(left, right, 30)
        ]
        brush.line([(left - 0.3, y), *curve, (right + 0.3, y)], colour, 0.006)
        return
    for x in (left, right):
        for reach in np.linspace(0.03, 0.25, 8):
            for side in (-1, 1):
                brush.line([(x, y - high), (x + side * reach, y)], colour, 0.003)


def pier(rng: np.random.Generator, light: Light, level: float) -> Layer:
    """A wooden way out onto the water, or a jetty of stone, seen from its end."""
    brush = Brush()
    colour, _, _ = draw_material(rng, "soil", "stone", "rock")
    colour = colour * light.land
    near, far = rng.uniform(0.1, 0.45), rng.uniform(0.005, 0.03)
    foot, aim, end = (
        rng.uniform(0.2, 0.8),
        rng.uniform(0.25, 0.75),
        min(level + rng.uniform(0.02, 0.15), 0.95),
    )
    brush.polygon(
        [(foot - near, 1.02), (aim - far, end), (aim + far, end), (foot + near, 1.02)], colour
    )
    for share in np.geomspace(0.02, 1, 18):
        y = end + (1.02 - end) * share
        middle, half = aim + (foot - aim) * share, far + (near - far) * share
        brush.line([(middle - half, y), (middle + half, y)], colour * 0.6, 0.004 * share + 0.002)
        if rng.random() < 0.6:
            brush.line(
                [(middle + half, y), (middle + half, y - 0.2 * share)], colour * 0.5, 0.012 * share
            )
    return brush.layer()


def masts(rng: np.random.Generator, light: Light, level: float) -> Layer:
    """Poles, pylons, cranes or wind wheels, and wires between them."""
    brush = Brush()
    colour = dark(rng, light)
    foot = min(level, 1.0) + rng.uniform(0, 0.1)
    tops = []
    for x in np.sort(rng.uniform(-0.1, 1.1, int(rng.integers(1, 6)))):
        high, thick = rng.uniform(0.15, 0.7), rng.uniform(0.004, 0.014)
        top = (x + rng.normal(0, 0.01), foot - high)
        brush.line([(x, foot + 0.1), top], colour, thick)
        arm = rng.uniform(0.02, 0.08)
        for drop in (0.02, 0.06) if rng.random() < 0.5 else ():
            brush.line(
                [(top[0] - arm, top[1] + drop), (top[0] + arm, top[1] + drop)], colour, thick * 0.7
            )
        if rng.random() < 0.2:
            for angle in rng.uniform(0, 2) + np.array((0, 2.1, 4.2)):
                brush.line(
                    [top, (top[0] + 0.12 * np.cos(angle), top[1] + 0.12 * np.sin(angle))],
                    colour,
                    0.008,
                )
        tops.append(top)
    if rng.random() < 0.7:
        _wires(rng, brush, colour, [(-0.1, tops[0][1] + 0.05), *tops, (1.1, tops[-1][1] + 0.05)])
    return brush.layer()


def _wires(
    rng: np.random.Generator, brush: Brush, colour: np.ndarray, tops: list[tuple[float, float]]
) -> None:
    for drop in np.arange(int(rng.integers(1, 5))) * rng.uniform(0.015, 0.05):
        for (x0, y0), (x1, y1) in pairwise(tops):
            place = np.linspace(0, 1, 9)
            sag = rng.uniform(0.1, 0.5) * abs(x1 - x0) * place * (1 - place)
            brush.line(
                [
                    (x0 + (x1 - x0) * s, y0 + (y1 - y0) * s + low + drop)
                    for s, low in zip(place, sag, strict=True)
                ],
                colour,
                0.003,
            )


def fence(rng: np.random.Generator, light: Light, top: float) -> Layer:
    """Posts and rails across the picture, of wood or iron."""
    brush = Brush()
    colour = wall_colour(rng, light) if rng.random() < 0.5 else dark(rng, light)
    step, thick, slope = rng.uniform(0.03, 0.2), rng.uniform(0.004, 0.03), rng.normal(0, 0.08)
    foot = top + rng.uniform(0.1, 0.4)
    for x in np.arange(-step * rng.random(), 1.05, step):
        brush.box(x, top + slope * x, x + thick, foot + slope * x, colour)
    for y in np.linspace(top, foot, int(rng.integers(2, 5)))[:-1] + 0.02:
        brush.line([(0, y), (1, y + slope)], colour * 0.9, thick * 0.8)
    return brush.layer()


def car(rng: np.random.Generator, light: Light, place: tuple[float, float], long: float) -> Layer:
    """A parked car from its side."""
    brush = Brush()
    x, y = place
    paint = np.clip(rng.uniform(0.05, 1, 3) * light.land, 0, 1)
    glass = np.clip(light.zenith * 0.5, 0, 1)
    high = long * 0.33
    brush.polygon(
        [
            (x - long * 0.3, y - high * 0.5),
            (x - long * 0.2, y - high),
            (x + long * 0.15, y - high),
            (x + long * 0.3, y - high * 0.5),
        ],
        glass,
    )
    brush.box(x - long / 2.0, y - high * 0.58, x + long / 2.0, y - high * 0.1, paint)
    for side in (-0.3, 0.3):
        brush.ellipse(
            (x + side * long, y - high * 0.1), (high * 0.24, high * 0.24), (0.05, 0.05, 0.05)
        )
    return brush.layer()


def people(rng: np.random.Generator, light: Light, foot: float) -> Layer:
    """One to four figures that stand still."""
    brush = Brush()
    tall = rng.uniform(0.04, 0.3)
    for _ in range(int(rng.integers(1, 5))):
        x, own = rng.uniform(0.05, 0.95), tall * rng.uniform(0.85, 1.1)
        coat = np.clip(rng.uniform(0.02, 0.9, 3) * light.land, 0, 1)
        brush.polygon(
            [
                (x - own * 0.13, foot - own * 0.82),
                (x + own * 0.13, foot - own * 0.82),
                (x + own * 0.1, foot - own * 0.42),
                (x - own * 0.1, foot - own * 0.42),
            ],
            coat,
        )
        for side in (-1, 1):
            brush.line(
                [(x + side * own * 0.05, foot - own * 0.45), (x + side * own * 0.08, foot)],
                coat * 0.5,
                own * 0.08,
            )
        brush.ellipse(
            (x, foot - own * 0.91),
            (own * 0.065, own * 0.085),
            np.array((0.75, 0.55, 0.45)) * light.land,
        )
    return brush.layer()


def rocks(rng: np.random.Generator, light: Light, grains: Grains, level: float) -> Layer:
    """Boulders, on the shore or in the water."""
    brush = Brush()
    for _ in range(int(rng.integers(1, 14))):
        colour, _, _ = draw_material(rng, "rock", "stone", "red rock", "rock")
        y = rng.uniform(min(level + 0.02, 0.9), 1.05)
        size = rng.uniform(0.03, 0.3) * (0.3 + max(y - level, 0))
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        radii = size * rng.uniform(0.6, 1.1, 9)
        x = rng.uniform(0, 1)
        points = [
            (x + r * np.cos(a) * 1.3, y + r * np.sin(a) * 0.7)
            for a, r in zip(angles, radii, strict=True)
        ]
        brush.polygon(points, colour * light.land)
    return textured(brush.layer(), grains.piece(rng, "rugged"), rng.uniform(0.2, 0.5))
