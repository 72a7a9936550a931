"""Contact sheets: clips laid out as one picture, rows of frames to compare by eye."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

_MARGIN = 6  # pixels between cells
_HEADER = 22  # pixels for the frame numbers
_FONT_SIZE = 13
_GAP = 12  # pixels between samples
_PAPER = (24, 24, 24)
_INK = (235, 235, 235)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def contact_sheet(
    *samples: Mapping[str, np.ndarray], columns: int = 8, height: int = 128, fps: int | float = 25
) -> UInt8[np.ndarray, "h w 3"]:
    """Draws labelled rows of frames, one group of rows per sample.

    Args:
      *samples: one or more mappings from a row's label ("photo", "real", "generated")
        to a uint8 clip [T, H, W, 3] or a uint8 photo [H, W, 3]. All clips have the same T.
        A photo is drawn once, in the first column.
      columns: how many frames of a clip, evenly spaced from the first to the last.
      height: of a drawn frame, in pixels. Smaller frames are enlarged without blur when
        ``height`` is a multiple of theirs, larger ones are averaged down.
      fps: frames per second, for the times beside the frame numbers.

    Returns:
      The sheet, uint8 RGB.

    Raises:
      ValueError: no rows, arrays of another kind, or clips of different lengths.
    """
    shown = _shown_frames(samples, columns)
    groups = [
        {label: _cells(label, array, shown, height) for label, array in sample.items()}
        for sample in samples
    ]
    font = ImageFont.load_default(_FONT_SIZE)
    labels = max(font.getlength(label) for group in groups for label in group)
    left = round(labels) + 2 * _MARGIN
    width = max(cells[0].width for group in groups for cells in group.values()) + _MARGIN
    sheet = Image.new("RGB", (left + width * len(shown), _total_height(groups, height)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, frame in enumerate(shown):
        text = _time_label(frame, fps, width, font)
        draw.text((left + column * width, _HEADER / 2), text, _INK, font, anchor="lm")
    top = _HEADER
    for group in groups:
        for label, cells in group.items():
            draw.text((_MARGIN, top + height / 2), label, _INK, font, anchor="lm")
            for column, cell in enumerate(cells):
                sheet.paste(cell, (left + column * width, top))
            top += height + _MARGIN
        top += _GAP
    return np.array(sheet)


def _total_height(groups: list[dict[str, list[Image.Image]]], height: int) -> int:
    return _HEADER + sum(map(len, groups)) * (height + _MARGIN) + (len(groups) - 1) * _GAP


def _shown_frames(samples: tuple[Mapping[str, np.ndarray], ...], columns: int) -> list[int]:
    if not samples or not all(samples):
        raise ValueError("A contact sheet needs at least one row in every sample.")
    arrays = [array for sample in samples for array in sample.values()]
    lengths = sorted({len(array) for array in arrays if array.ndim == 4})
    if len(lengths) > 1:
        raise ValueError(f"The clips of a contact sheet need one length, got {lengths} frames.")
    frames = lengths[0] if lengths else 1
    return np.linspace(0, frames - 1, min(columns, frames)).round().astype(int).tolist()


def _cells(label: str, array: np.ndarray, shown: list[int], height: int) -> list[Image.Image]:
    if array.dtype != np.uint8 or array.ndim not in (3, 4) or array.shape[-1] != 3:
        raise ValueError(
            f'Row "{label}" needs uint8 [T, H, W, 3] or [H, W, 3], '
            f"got {array.dtype} {list(array.shape)}."
        )
    frames = [array] if array.ndim == 3 else array[shown]
    return [_scaled(Image.fromarray(frame), height) for frame in frames]


def _scaled(image: Image.Image, height: int) -> Image.Image:
    width = max(1, round(image.width * height / image.height))
    whole = height % image.height == 0
    method = Image.Resampling.NEAREST if whole else Image.Resampling.BICUBIC
    return image.resize((width, height), method)


def _time_label(frame: int, fps: int | float, width: int, font: Font) -> str:
    """The longest text that fits: number and seconds, or the number alone."""
    long = f"frame {frame}, {frame / fps:.2f} s"
    return long if font.getlength(long) <= width - _MARGIN else str(frame)
