"""How a generator that warps moves photos, as one picture: the mask, the velocity, the clip."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

_CELL = 192  # pixels a side of a drawn photo
_ARROWS = 9  # along a side
_MARGIN = 6
_HEADER = 22
_FONT_SIZE = 13
_PAPER = (24, 24, 24)
_INK = (235, 235, 235)
_ARROW = (255, 140, 0)


def velocity_sheet(
    photos: UInt8[np.ndarray, "b s s 3"],
    masks: Float[np.ndarray, "b s s"],
    velocities: Float[np.ndarray, "b s s 2"],
    clips: UInt8[np.ndarray, "b t s s 3"],
) -> UInt8[np.ndarray, "height width 3"]:
    """A row for each photo: itself, what moves (white), how, the middle frame and the last.

    An arrow goes from where something is in the first frame to where it is in the last.

    Args:
      masks: 0 to 1.
      velocities: motion of the content (right, down), shares of the width and height per frame.
    """
    titles = ["photo", "mask", "way in the clip", "middle frame", "last frame"]
    step, frames = _CELL + _MARGIN, clips.shape[1]
    size = (_MARGIN + step * len(titles), _HEADER + step * len(photos))
    sheet = Image.new("RGB", size, _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT_SIZE)
    for column, title in enumerate(titles):
        draw.text((_MARGIN + column * step, _HEADER / 2), title, _INK, font, anchor="lm")
    for row, (photo, mask, velocity, clip) in enumerate(
        zip(photos, masks, velocities, clips, strict=True)
    ):
        white = np.repeat((255 * mask + 0.5).astype(np.uint8)[..., None], 3, axis=-1)
        pictures = [photo, white, photo // 2, clip[frames // 2], clip[-1]]
        for column, picture in enumerate(pictures):
            cell = Image.fromarray(picture).resize((_CELL, _CELL), Image.Resampling.BICUBIC)
            if titles[column] == "way in the clip":
                _draw_arrows(ImageDraw.Draw(cell), velocity * (frames - 1))
            sheet.paste(cell, (_MARGIN + column * step, _HEADER + row * step))
    return np.array(sheet)


def _draw_arrows(draw: ImageDraw.ImageDraw, way: Float[np.ndarray, "s s 2"]) -> None:
    size = len(way)
    for y in (np.arange(_ARROWS) + 0.5) / _ARROWS:
        for x in (np.arange(_ARROWS) + 0.5) / _ARROWS:
            start = np.array([x, y])
            _draw_arrow(draw, start * _CELL, (start + way[int(y * size), int(x * size)]) * _CELL)


def _draw_arrow(draw: ImageDraw.ImageDraw, start: np.ndarray, end: np.ndarray) -> None:
    along = end - start
    length = np.hypot(*along)
    if length < 1:  # pixel: it stays
        draw.point(tuple(start), fill=_ARROW)
        return
    along = along / length
    across = np.array([-along[1], along[0]])
    tip = min(5.0, length)
    draw.line([*start, *end], fill=_ARROW, width=2)
    wings = [end - tip * along + side * 0.6 * tip * across for side in (-1, 1)]
    draw.polygon([tuple(end), *(tuple(wing) for wing in wings)], fill=_ARROW)
