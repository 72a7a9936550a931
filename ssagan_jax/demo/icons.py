"""The page's icon as PNGs, for systems that take no SVG; drawn as ``static/icon.svg`` says."""

import functools
import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

# By name: the side in pixels, and whether corners are round (iOS rounds them itself).
ICONS = {"icon-180.png": (180, False), "icon-192.png": (192, True), "icon-512.png": (512, True)}
_SIDE = 32  # of the drawing, in its own unit, as all that follows
_CORNER = 8
_BLUE, _YELLOW, _WHITE = "#2f6fb5", "#ffd27a", "#ffffff"
_SUN = (16, 7, 26, 17)  # left, top, right, bottom
# The cloud: from the first point by arcs, each of a radius to a point, clockwise.
_FROM = (8, 24)
_ARCS = [(5, (8.6, 14)), (7, (21.6, 15.6)), (4.3, (22, 24))]
_FINER = 4  # drawn larger, for smooth edges


@functools.cache
def png(name: str) -> bytes:
    """The file of an icon, by a key of ``ICONS``."""
    side, rounded = ICONS[name]
    scale = side * _FINER / _SIDE
    image = Image.new("RGBA", (side * _FINER,) * 2)
    pen = ImageDraw.Draw(image)
    box = (0, 0, side * _FINER - 1, side * _FINER - 1)
    pen.rounded_rectangle(box, _CORNER * scale if rounded else 0, _BLUE)
    pen.ellipse([x * scale for x in _SUN], _YELLOW)
    pen.polygon([(x * scale, y * scale) for x, y in _cloud()], _WHITE)
    file = io.BytesIO()
    image.resize((side, side), Image.Resampling.BOX).save(file, "PNG", optimize=True)
    return file.getvalue()


def _cloud() -> list[tuple]:
    points, at = [], complex(*_FROM)
    for radius, to in _ARCS:
        points += [(x.real, x.imag) for x in _arc(at, complex(*to), radius)]
        at = complex(*to)
    return points


def _arc(start: complex, end: complex, radius: int | float, count: int = 60) -> Any:
    """Points of the lesser arc, clockwise as y goes down; the radius is long enough."""
    half = (end - start) / 2
    radius = max(radius, abs(half))
    middle = (start + end) / 2 + 1j * half / abs(half) * np.sqrt(radius**2 - abs(half) ** 2)
    turn = np.angle((end - middle) / (start - middle)) % (2 * np.pi)
    return middle + (start - middle) * np.exp(1j * np.linspace(0, turn, count))
