"""Trees and leaves: rows of forest, single trees in leaf or bare, palms, twigs before the sky."""

import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting.canvas import (
    SIDE,
    Brush,
    Layer,
    below_line,
    over,
    places,
    textured,
    tinted,
)
from ssagan_jax.data.painting.lands import Grains, draw_material
from ssagan_jax.data.painting.noise import ridge, smoothstep
from ssagan_jax.data.painting.skies import Light

Line = Float[np.ndarray, "n"]
Place = tuple[float, float]
Tone = np.ndarray  # a colour, [3]


def leaf_colour(rng: np.random.Generator, light: Light) -> np.ndarray:
    """Green, mostly; also autumn, blossom, or nearly black against the light."""
    names = ("forest", "bush", "meadow", "forest", "autumn")
    colour, _, _ = draw_material(rng, str(rng.choice(names)))
    if rng.random() < 0.08:
        colour = np.array((0.8, 0.55, 0.7), np.float32)
    return colour * light.land * np.float32(rng.choice([1.0, 0.5, 0.1]))


def forest(rng: np.random.Generator, light: Light, grains: Grains, line: Line) -> Layer:
    """A row of trees along a line: conifers, round tops, or a hedge."""
    tall = rng.uniform(0.02, 0.2)
    kind = str(rng.choice(["firs", "tops", "hedge"]))
    if kind == "firs":
        top = line - 0.4 * tall - _firs(rng, tall)
    elif kind == "tops":
        top = line - tall * (
            0.6
            + 0.15 * np.abs(ridge(rng, SIDE, slope=0.7, low=6))
            + 0.15 * ridge(rng, SIDE, slope=1.5)
        )
    else:
        top = (
            line
            - tall * (0.5 + 0.2 * ridge(rng, SIDE, slope=1.8))
            - 0.01 * np.abs(ridge(rng, SIDE, slope=0.3, low=12))
        )
    if rng.random() < 0.4:  # only on a part of the horizon
        place = np.arange(SIDE) / SIDE
        gap = np.clip((np.abs(place - rng.uniform(0, 1)) - rng.uniform(0.1, 0.4)) * 12, 0, 1)
        top = line + (top - line) * gap + 0.02 * (1 - gap)
    layer = tinted(leaf_colour(rng, light), below_line(top.astype(np.float32)))
    return textured(layer, grains.piece(rng, "fine"), rng.uniform(0.1, 0.5))


def _firs(rng: np.random.Generator, tall: float) -> Line:
    """Pointed tops, one beside the other."""
    place = (np.arange(SIDE) + 0.5) / SIDE
    height = np.zeros(SIDE)
    for _ in range(int(rng.integers(10, 60))):
        middle, own, slim = (
            rng.uniform(-0.05, 1.05),
            tall * rng.uniform(0.3, 1.1),
            rng.uniform(2.5, 6),
        )
        height = np.maximum(height, own - slim * np.abs(place - middle))
    return height


def tree(rng: np.random.Generator, light: Light, grains: Grains, foot: Place, tall: float) -> Layer:
    """One tree: in leaf, bare, a fir, a palm, a poplar."""
    trunk, crown = Brush(), Brush()
    bark = np.array((0.25, 0.19, 0.14)) * light.land * rng.uniform(0.3, 1.5)
    leaves = leaf_colour(rng, light)
    kind = str(rng.choice(["leaf", "bare", "fir", "palm", "slim"], p=[0.4, 0.25, 0.15, 0.1, 0.1]))
    if kind == "fir":
        _fir(rng, trunk, leaves, foot, tall)
    elif kind == "palm":
        _palm(rng, trunk, leaves, bark, foot, tall)
    elif kind == "slim":
        middle, wide = (foot[0], foot[1] - tall / 2), tall * rng.uniform(0.06, 0.15)
        crown.ellipse(middle, (wide, tall / 2), leaves)
    else:
        tips: list[Place] = []
        depth = 6 if kind == "bare" else 4
        limb(rng, trunk, bark, foot, -np.pi / 2, tall * 0.3, tall * 0.045, tips, depth)
        if kind == "leaf":
            _foliage(rng, crown, leaves, tips, tall)
    layer = over(trunk.layer(), _ragged(rng, grains, crown.layer()))
    return textured(layer, grains.piece(rng, "fine"), rng.uniform(0.1, 0.45))


def _ragged(rng: np.random.Generator, grains: Grains, layer: Layer) -> Layer:
    """Foliage with gaps through which the sky is seen."""
    edge = rng.uniform(-2.5, -0.6)
    texture = 0.8 * grains.piece(rng, "patchy") + 0.6 * grains.piece(rng, "fine")
    return layer * smoothstep(edge - 0.3, edge + 0.3, texture)[..., None]


def limb(
    rng: np.random.Generator,
    brush: Brush,
    colour: Tone,
    start: Place,
    angle: float,
    length: float,
    width: float,
    tips: list[Place],
    depth: int,
) -> None:
    """A branch with its own branches; notes where they end."""
    end = (start[0] + length * np.cos(angle), start[1] + length * np.sin(angle))
    brush.line([start, end], colour, max(width, 0.2 / SIDE))
    if depth == 0:
        tips.append(end)
        return
    for side in (-1, 1) if rng.random() < 0.8 else (-1, 0.2, 1):
        turn = angle + side * rng.uniform(0.2, 0.6)
        limb(
            rng,
            brush,
            colour,
            end,
            turn,
            length * rng.uniform(0.65, 0.9),
            width * 0.65,
            tips,
            depth - 1,
        )


def _foliage(
    rng: np.random.Generator, brush: Brush, colour: Tone, tips: list[Place], tall: float
) -> None:
    for x, y in tips:
        for _ in range(5):
            radius = tall * rng.uniform(0.02, 0.08)
            where = (x + rng.normal(0, 0.06) * tall, y + rng.normal(0, 0.05) * tall)
            tone = colour * rng.uniform(0.6, 1.4)
            brush.ellipse(where, (radius, radius * 0.7), tone, rng.uniform(0, 180))


def _fir(rng: np.random.Generator, brush: Brush, colour: Tone, foot: Place, tall: float) -> None:
    x, y = foot
    for step in np.linspace(0, 0.85, 9):
        half = tall * 0.24 * (1 - step) * rng.uniform(0.8, 1.1)
        low = y - tall * step
        brush.polygon(
            [(x - half, low), (x, low - tall * 0.25), (x + half, low)],
            colour * rng.uniform(0.8, 1.2),
        )


def _palm(
    rng: np.random.Generator, brush: Brush, colour: Tone, bark: Tone, foot: Place, tall: float
) -> None:
    lean = rng.normal(0, 0.15) * tall
    place = np.linspace(0, 1, 8)
    trunk = [(foot[0] + lean * s**2, foot[1] - tall * 0.85 * s) for s in place]
    brush.line(trunk, bark, tall * 0.03)
    for angle in rng.uniform(-np.pi, 0.5, 14):
        reach = tall * rng.uniform(0.25, 0.4)
        frond = [
            (
                trunk[-1][0] + reach * s * np.cos(angle),
                trunk[-1][1] + reach * (s * np.sin(angle) * 0.7 + 0.8 * s**2),
            )
            for s in place
        ]
        brush.line(frond, colour * rng.uniform(0.7, 1.3), tall * 0.02)


def twigs(rng: np.random.Generator, light: Light) -> Layer:
    """Branches that hang into the picture from its side, bare, in leaf or in blossom."""
    brush = Brush()
    bark = np.array((0.2, 0.15, 0.12)) * light.land * rng.uniform(0.1, 1.2)
    leaves, side = leaf_colour(rng, light), rng.choice([-1, 1])
    tips: list[tuple[float, float]] = []
    for _ in range(int(rng.integers(1, 4))):
        start = (0.5 - side * 0.52, rng.uniform(-0.1, 0.6))
        angle = (0 if side > 0 else np.pi) + rng.uniform(-0.3, 0.7) * side
        limb(
            rng,
            brush,
            bark,
            start,
            angle,
            rng.uniform(0.1, 0.25),
            rng.uniform(0.005, 0.03),
            tips,
            depth=5,
        )
    if rng.random() < 0.75:
        _leaves(rng, brush, leaves, tips)
    return brush.layer()


def _leaves(rng: np.random.Generator, brush: Brush, colour: Tone, tips: list[Place]) -> None:
    long = rng.uniform(0.008, 0.04)
    for x, y in tips:
        for _ in range(int(rng.integers(1, 4))):
            where = (x + rng.normal(0, 1.3) * long, y + rng.normal(0, 1.3) * long)
            brush.ellipse(
                where, (long, long * 0.45), colour * rng.uniform(0.5, 1.5), rng.uniform(0, 180)
            )


def canopy(rng: np.random.Generator, light: Light, grains: Grains) -> Layer:
    """Leaves all around the view, or along one border of it, the sky in their gaps."""
    x, y = places(SIDE)
    sides = np.stack([y, x, 1 - x, 1 - y])[rng.random(4) < (0.9, 0.5, 0.5, 0.2)]
    apart = sides.min(0) if len(sides) else y
    texture = 0.5 * grains.piece(rng, "soft") + 0.6 * grains.piece(rng, "patchy")
    soft = rng.uniform(0.05, 0.5)
    inside = texture - (apart - rng.uniform(0.05, 0.4)) * rng.uniform(4, 15)
    layer = tinted(leaf_colour(rng, light), smoothstep(-soft, soft, inside))
    return textured(layer, grains.piece(rng, "patchy"), rng.uniform(0.1, 0.5))


def grass(rng: np.random.Generator, light: Light) -> Layer:
    """Blades before the picture's lower edge."""
    brush = Brush()
    colour, tall = leaf_colour(rng, light), rng.uniform(0.05, 0.35)
    for _ in range(int(rng.integers(40, 160))):
        x, own, lean = rng.uniform(0, 1), tall * rng.uniform(0.3, 1), rng.normal(0, 0.3)
        blade = [(x + lean * own * s**2, 1.02 - own * s) for s in (0, 0.35, 0.7, 1)]
        brush.line(blade, colour * rng.uniform(0.5, 1.5), 0.005)
    return brush.layer()
