"""Still things: layers of colour and cover on a square canvas, painted once and then scaled.

A *layer* is float32 [SIDE, SIDE, 4] in [0, 1]: red, green and blue already times the cover, and the
cover. The canvas has one size, so that a scene is the same at every size of the picture.
Lengths and places are shares of the picture.
"""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from jaxtyping import Float, UInt8

SIDE = 192
_SHIFT = 4  # binary digits after the point in OpenCV's coordinates

Layer = Float[np.ndarray, "n n 4"]
Points = Sequence[Sequence[float | int]]
Colour = Sequence[float] | Float[np.ndarray, "3"]


@cache
def places(size: int) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, "n n"]]:
    """The middle of each pixel: x and y, float32 [size, size], read only."""
    line = ((np.arange(size) + 0.5) / size).astype(np.float32)
    x, y = (np.ascontiguousarray(a) for a in np.meshgrid(line, line))
    x.flags.writeable = y.flags.writeable = False
    return x, y


def blank() -> Layer:
    """Nothing at all."""
    return np.zeros((SIDE, SIDE, 4), np.float32)


def over(below: Layer, above: Layer) -> Layer:
    """One layer on top of another."""
    return above + below * (1 - above[..., 3:])


def tinted(colour: Colour | Float[np.ndarray, "n n 3"], matte: Float[np.ndarray, "n n"]) -> Layer:
    """A layer of one colour, or of one for each pixel, where the matte says so."""
    layer = np.empty((*matte.shape, 4), np.float32)
    layer[..., :3] = np.clip(colour, 0, 1) * matte[..., None]
    layer[..., 3] = matte
    return layer


def below_line(top: Float[np.ndarray, "n"], softness: float = 1.0) -> Float[np.ndarray, "n n"]:
    """The matte below a line (its height from the top in each column); softness in pixels."""
    y = places(SIDE)[1]
    return np.clip((y - top) * (SIDE / softness) + 0.5, 0, 1).astype(np.float32)


class Brush:
    """Draws shapes of one colour each into a layer."""

    def __init__(self) -> None:
        self._paper: UInt8[np.ndarray, "n n 4"] = np.zeros((SIDE, SIDE, 4), np.uint8)

    def polygon(self, points: Points, colour: Colour) -> None:
        cv2.fillPoly(self._paper, [_fixed(points)], _ink(colour), cv2.LINE_AA, _SHIFT)

    def line(self, points: Points, colour: Colour, width: float = 1 / SIDE) -> None:
        """A line through the points; at least one pixel of the canvas wide."""
        pixels = max(1, round(width * SIDE))
        cv2.polylines(
            self._paper, [_fixed(points)], False, _ink(colour), pixels, cv2.LINE_AA, _SHIFT
        )

    def ellipse(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        turn: float = 0,
    ) -> None:
        """An ellipse, turned by an angle in degrees."""
        where, axes = _fixed([centre, (radii[0] + 0.5 / SIDE, radii[1] + 0.5 / SIDE)])
        axes = np.maximum(axes, 1)
        cv2.ellipse(
            self._paper, where.tolist(), axes.tolist(), turn, 0, 360, _ink(colour), -1,
            cv2.LINE_AA, _SHIFT,
        )  # fmt: skip

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A box with sharp borders."""
        first, last = _fixed([(left, top), (right, bottom)]).tolist()
        cv2.rectangle(self._paper, first, last, _ink(colour), cv2.FILLED, cv2.LINE_8, _SHIFT)

    def layer(self) -> Layer:
        """All that was drawn."""
        return self._paper.astype(np.float32) * np.float32(1 / 255)


def textured(layer: Layer, texture: Float[np.ndarray, "n n"], contrast: float) -> Layer:
    """The layer, its colours made lighter and darker by a texture of deviation 1."""
    gain = np.clip(1 + contrast * texture, 0, 3)[..., None]
    return np.concatenate([np.minimum(layer[..., :3] * gain, layer[..., 3:]), layer[..., 3:]], -1)


def blurred(layer: Layer, radius: float) -> Layer:
    """The layer out of focus."""
    return cv2.GaussianBlur(layer, (0, 0), radius * SIDE, borderType=cv2.BORDER_REPLICATE)


def scaled(picture: Float[np.ndarray, "n n *c"], size: int) -> Float[np.ndarray, "m m *c"]:
    """A layer, a matte or a picture of the canvas at another size."""
    way = cv2.INTER_AREA if size <= SIDE else cv2.INTER_LINEAR
    return cv2.resize(picture, (size, size), interpolation=way)


def _fixed(points: Points) -> np.ndarray:
    pixels = np.array(points, np.float64) * SIDE - 0.5
    return np.rint(pixels * (1 << _SHIFT)).astype(np.int32)


def _ink(colour: Colour) -> tuple[float, ...]:
    red, green, blue = (255.0 * min(max(float(part), 0.0), 1.0) for part in colour)
    return red, green, blue, 255.0
