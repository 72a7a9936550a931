"""Attention maps drawn over photos, as one picture."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

_CELL = 128  # pixels a side of a drawn photo
_MARGIN = 6
_HEADER = 38  # for two lines
_FONT_SIZE = 13
_PAPER = (24, 24, 24)
_INK = (235, 235, 235)
_HEAT = np.array([255.0, 140.0, 0.0])
_POINT = (0, 230, 255)


def attention_sheet(
    photos: UInt8[np.ndarray, "b s s 3"],
    points: Float[np.ndarray, "b p 2"],
    maps: Mapping[str, Float[np.ndarray, "b p _ _ _"]],
    *,
    gammas: Mapping[str, float],
) -> UInt8[np.ndarray, "height width 3"]:
    """A row for each point of each photo: the photo with the point, then what each level sees.

    The more orange a place, the larger its weight; full orange is the largest of that map. Weights
    over time are summed. A level that looks everywhere alike is orange all over.

    Args:
      photos: the photos.
      points: row and column, from 0 to 1: see ``attention_maps``.
      maps: level -> weights.
      gammas: level -> how much of the attended values is added; written beside its name.

    Returns:
      The sheet, uint8 RGB.
    """
    places = [(i, j) for i in range(points.shape[0]) for j in range(points.shape[1])]
    step = _CELL + _MARGIN
    size = (_MARGIN + step * (1 + len(maps)), _HEADER + step * len(places))
    sheet = Image.new("RGB", size, _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT_SIZE)
    for column, text in enumerate(["photo", *(_title(level, gammas) for level in maps)]):
        draw.text((_MARGIN + column * step, _MARGIN), text, _INK, font, spacing=2)
    for row, (i, j) in enumerate(places):
        photo = Image.fromarray(photos[i]).resize((_CELL, _CELL), Image.Resampling.BICUBIC)
        cells = [photo, *(_heated(photo, weights[i, j]) for weights in maps.values())]
        for column, cell in enumerate(cells):
            corner = (_MARGIN + column * step, _HEADER + row * step)
            sheet.paste(cell, corner)
            y, x = points[i, j] * _CELL
            _ring(draw, corner[0] + x, corner[1] + y)
    return np.array(sheet)


def _title(level: str, gammas: Mapping[str, float]) -> str:
    return f"{level}\ngamma {gammas[level]:.3g}" if level in gammas else level


def _heated(photo: Image.Image, weights: Float[np.ndarray, "t h w"]) -> Image.Image:
    flat = weights.sum(0)
    shown = Image.fromarray((255 * flat / flat.max()).astype(np.uint8))
    heat = np.asarray(shown.resize((_CELL, _CELL), Image.Resampling.NEAREST))[..., None] / 255
    grey = 0.6 * np.asarray(photo.convert("L"), np.float32)[..., None]
    return Image.fromarray((grey * (1 - 0.8 * heat) + 0.8 * heat * _HEAT).astype(np.uint8))


def _ring(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    draw.ellipse((x - 4, y - 4, x + 4, y + 4), outline=_POINT, width=2)
