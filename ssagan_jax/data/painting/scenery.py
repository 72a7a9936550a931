"""Painting time-lapses of made-up landscapes: clouds, sun, sea and silhouettes, in NumPy.

Everything that can be told from one frame decides the motion: the wind blows from left to right,
clouds overhead move faster than clouds at the horizon (one plane seen in perspective), waves
come towards the viewer, the colours of the sky give the hour and so how the light will change.
What cannot be told varies little, so a deterministic model can beat the still picture.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from ssagan_jax.data.painting.drift import Surface, motion
from ssagan_jax.data.painting.noise import Floats, fractal, mix, ridge, sample, smoothstep
from ssagan_jax.data.winds import mean_of_fast

# Hour of the day, then the colours of: zenith, horizon, cloud in light, cloud in shade, sun.
_PALETTE = (
    (0.00, (46, 62, 112), (238, 168, 160), (246, 196, 190), (96, 92, 128), (255, 214, 190)),
    (0.25, (64, 118, 190), (196, 218, 232), (255, 250, 242), (150, 166, 190), (255, 248, 225)),
    (0.50, (36, 96, 186), (162, 204, 236), (255, 255, 255), (134, 152, 178), (255, 255, 245)),
    (0.75, (78, 112, 166), (252, 208, 140), (255, 228, 172), (128, 112, 122), (255, 240, 190)),
    (0.90, (58, 58, 112), (252, 128, 62), (255, 146, 88), (78, 52, 82), (255, 222, 140)),
    (1.00, (20, 26, 60), (150, 78, 88), (124, 84, 106), (30, 30, 54), (255, 170, 110)),
)
_HOURS = np.array([row[0] for row in _PALETTE], np.float32)
_COLOURS = np.array([row[1:] for row in _PALETTE], np.float32) / 255


@dataclass(frozen=True)
class Scene:
    """What one clip shows. Lengths are fractions of the picture, times are frames."""

    hour: float  # 0 dawn, 0.5 noon, 1 dusk
    hour_speed: float
    horizon: float  # height of the horizon, from the top; above 1: only sky
    wind: tuple[float, float]  # right, towards the viewer
    cover: float  # share of the sky under clouds
    cirrus: float  # strength of the thin, high clouds
    sun: float  # where the sun stands, from the left
    sea: bool
    skyline: str | None  # "mountains", "trees", "buildings"


def draw_scene(rng: np.random.Generator) -> Scene:
    """Draws what a clip shows: sky only, sky and sea, or sky and land."""
    kind = rng.choice(["sky", "sea", "land", "coast"], p=[0.25, 0.3, 0.35, 0.1])
    skyline = rng.choice(["mountains", "trees", "buildings"])
    low = rng.uniform(0.58, 0.76)
    return Scene(
        hour=float(rng.uniform(0.0, 0.92)),
        hour_speed=float(rng.uniform(0.0008, 0.0016)),
        horizon=float({"sky": 1.15, "land": rng.uniform(0.8, 0.92)}.get(str(kind), low)),
        wind=(float(rng.uniform(0.016, 0.022)), float(rng.uniform(0.003, 0.006))),
        cover=float(rng.uniform(0.35, 0.65)),
        cirrus=float(rng.uniform(0.0, 0.6)),
        sun=float(rng.uniform(0.15, 0.85)),
        sea=kind in ("sea", "coast"),
        skyline={"land": str(skyline), "coast": "mountains"}.get(str(kind)),
    )


def colours(hours: Floats) -> Floats:
    """The palette at each hour: [t, 5, 3] (zenith, horizon, light, shade, sun), in [0, 1]."""
    table = _COLOURS.reshape(len(_HOURS), -1)
    columns = [np.interp(hours, _HOURS, column) for column in table.T]
    return np.stack(columns, -1).reshape(len(hours), 5, 3).astype(np.float32)


def _clouds(
    rng: np.random.Generator, scene: Scene, x: Floats, y: Floats, times: Floats, size: int
) -> tuple[Floats, Floats]:
    """Density and thickness of the clouds, [t, h, w], seen in perspective."""
    distance = 1.0 / (scene.horizon - y + 0.22)
    across = ((x - 0.5) * distance).astype(np.float32)
    t = times[:, None, None]
    large = fractal(rng, size, slope=1.5, low=1.0, high=7.0)
    small = fractal(rng, size, slope=1.45, low=7.0, high=128.0)
    u, v = across * 0.33, distance * 0.42
    right, near = (0.33 * w for w in scene.wind)
    base = sample(large, u - right * t, v + near * t)
    detail = sample(small, u - 1.35 * right * t, v + 1.2 * near * t)
    fade = np.clip(1.6 - 0.28 * distance, 0.2, 1).astype(np.float32)
    height = base + 0.5 * fade * detail
    edge = 1.2 - 2.4 * scene.cover
    density = smoothstep(edge - 0.2, edge + 1.1, height)
    thick = smoothstep(edge + 0.1, edge + 2.9, height)
    if scene.cirrus > 0.15:
        streaks = sample(large, u * 0.35 - 0.25 * right * t + 0.37, v * 1.7 + 0.1 * near * t)
        density = np.maximum(density, scene.cirrus * smoothstep(0.1, 1.9, streaks))
    return density, thick


def _sky(
    rng: np.random.Generator, scene: Scene, x: Floats, y: Floats, times: Floats, size: int
) -> Floats:
    """The sky [t, h, w, 3] at columns x [1, 1, w] and rows y [1, h, 1]."""
    hours = np.clip(scene.hour + scene.hour_speed * times, 0, 1)
    palette = colours(hours)[:, :, None, None, :]
    zenith, horizon, light, shade, sun_colour = (palette[:, i] for i in range(5))
    low = np.clip(y / min(scene.horizon, 1.0), 0, 1)[..., None] ** 1.6
    sky = mix(zenith, horizon, low)
    elevation = np.sin(np.pi * np.clip(hours, 0, 1)) * 1.1 + 0.02
    sun_y = (min(scene.horizon, 1.0) - elevation)[:, None, None]
    sun_x = (scene.sun + 0.0015 * times)[:, None, None]
    apart = np.sqrt((x - sun_x) ** 2 + (y - sun_y) ** 2)[..., None].astype(np.float32)
    glow = 0.55 * np.exp(-5 * apart)
    disc = 1 - smoothstep(0.035, 0.05, apart)
    density, thick = _clouds(rng, scene, x, y, times, size)
    density, thick = density[..., None], thick[..., None]
    cloud = mix(light, shade, np.clip(thick * (1 - 0.5 * glow), 0, 1))
    cloud = mix(cloud, horizon, 0.55 * low**3)
    sky = mix(sky, sun_colour, np.clip(glow + disc, 0, 1))
    return mix(sky, mix(cloud, sun_colour, glow * 0.6), density * (1 - 0.25 * disc))


def _sea(
    rng: np.random.Generator,
    scene: Scene,
    sky: Floats,
    x: Floats,
    y: Floats,
    times: Floats,
    size: int,
) -> Floats:
    """The sea [t, h, w, 3] below the horizon; mirrors ``sky`` and moves towards the viewer."""
    depth = 1.0 / (y - scene.horizon + 0.09)
    t = times[:, None, None]
    waves = fractal(rng, size, slope=1.1, low=5.0, high=64.0)
    u = ((x - 0.5) * depth * 0.16).astype(np.float32)
    swell = sample(waves, u + 0.004 * t, depth * 0.3 + 0.0075 * t)
    mirror = sky[:, ::-1].mean(axis=2, keepdims=True) * 0.5 + sky[:, ::-1] * 0.5
    rows = np.linspace(0, mirror.shape[1] - 1, y.shape[1]).astype(np.int32)
    calm = mirror[:, rows] * np.float32(0.72) * np.array((0.78, 0.92, 1.0), np.float32)
    near = np.clip((y - scene.horizon) * 4, 0.25, 1)[..., None]
    sea = calm * (1 + 0.2 * near * swell[..., None])
    path = np.exp(-(((x - scene.sun - 0.0015 * t) / 0.12) ** 2))[..., None]
    low_sun = 1 - np.clip(np.abs(np.sin(np.pi * scene.hour)) * 1.2, 0, 1)
    sparkle = smoothstep(0.7, 1.9, swell)[..., None] * path * (0.15 + 0.85 * low_sun)
    return mix(sea, colours(scene.hour + 0 * times)[:, None, None, 4], sparkle)


def _tops(rng: np.random.Generator, kind: str, size: int) -> Floats:
    """Height of a skyline above the horizon, [size], as a share of the picture."""
    if kind == "mountains":
        return np.maximum(0.07 + 0.05 * ridge(rng, size, slope=1.5), 0.01)
    if kind == "trees":
        spikes = np.abs(ridge(rng, size, slope=0.5, low=8))
        return np.maximum(0.04 + 0.02 * ridge(rng, size, slope=1.5) + 0.025 * spikes, 0.0)
    edges = np.sort(rng.uniform(0, 1, 22))
    heights = rng.gamma(2.0, 0.035, 23).astype(np.float32)
    return 0.02 + heights[np.searchsorted(edges, np.arange(size) / size)]


def _land(
    rng: np.random.Generator, scene: Scene, clip: Floats, y: Floats, times: Floats
) -> tuple[Floats, Floats]:
    """Puts a dark, still skyline in front; far hills first, in the haze.

    Returns:
      The clip, and how much of what is behind is still seen, [1, h, w].
    """
    size = clip.shape[2]
    hours = scene.hour + scene.hour_speed * times
    palette = colours(np.clip(hours, 0, 1).astype(np.float32))[:, :, None, None, :]
    kind = scene.skyline or "mountains"
    seen = np.ones((1, size, size), np.float32)
    for haze, raised in ((0.5, 0.035), (0.08, 0.0)):
        layer = "mountains" if haze > 0.1 else kind
        tops = scene.horizon - raised - _tops(rng, layer, size)[None, None]
        cover = np.clip((y - tops) * size + 0.5, 0, 1).astype(np.float32)[..., None]
        if scene.sea:
            cover = cover * (y < scene.horizon)[..., None]
        dark = np.array((0.07, 0.08, 0.09), np.float32)
        clip = mix(clip, mix(dark, palette[:, 1] * 0.8, haze), cover)
        seen = seen * (1 - cover[..., 0])
    return clip, seen


def _motion(scene: Scene, x: Floats, y: Floats) -> Float[np.ndarray, "h w 2"]:
    """The motion of clouds and, below the horizon, of waves: (right, down) a moment.

    That of clouds is the mean of their two textures'.
    """
    above, below = y[0] < scene.horizon, np.abs(y[0] - scene.horizon)
    far = 1.0 / (below + np.where(above, 0.22, 0.09))
    scale = np.where(above, (0.33, 0.42), (0.16, 0.3))  # of textures, as _clouds and _sea use it
    u, v = (x[0] - 0.5) * far * scale[:, :1], far * scale[:, 1:] + 0 * x[0]
    right, near = 0.33 * 1.175 * scene.wind[0], 0.33 * 1.1 * scene.wind[1]
    clouds, waves = (motion(Surface(u, v, w)) for w in ((right, -near), (-0.004, -0.0075)))
    return np.where(above[..., None], clouds, waves)


def paint_clip(rng: np.random.Generator, *, size: int, times: Floats) -> NDArray[np.uint8]:
    """Paints one clip: that of ``paint_windy``."""
    return paint_windy(rng, size=size, times=times)["clip"]


def paint_windy(rng: np.random.Generator, *, size: int, times: Floats) -> dict[str, np.ndarray]:
    """Paints one clip, and says what wind blows in it.

    Args:
      rng: decides the scene; the same state gives the same scene at any size.
      size: height and width in pixels.
      times: float32 [t], the moments shown, in frames since the start.

    Returns:
      ``clip``: uint8 [t, size, size, 3]; ``wind``: the mean motion of what moves fast, in a moment.
    """
    scene = draw_scene(rng)
    grid = ((np.arange(size) + 0.5) / size).astype(np.float32)
    x, y = grid[None, None, :], grid[None, :, None]
    above = max(1, min(size, round(scene.horizon * size)))
    clip = _sky(rng, scene, x, y[:, :above], times, size)
    if above < size:
        below = _sea(rng, scene, clip, x, y[:, above:], times, size)
        clip = np.concatenate([clip, below], axis=1)
    moving = _motion(scene, x, y)
    if scene.skyline:
        clip, seen = _land(rng, scene, clip, y, times)
        moving = moving * seen[0, ..., None]
    clip = (np.clip(clip, 0, 1) * 255 + 0.5).astype(np.uint8)
    return {"clip": clip, "wind": mean_of_fast(moving)}
