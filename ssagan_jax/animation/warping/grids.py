"""Cells over a photo: where fields are traced and layers compared before all gets its full size.

A cell is ``step`` x ``step`` pixels. The cells of the last row and column may reach beyond the
photo, which is mirrored there. The centre of cell i lies at pixel (i + 1/2) step - 1/2.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Shaped

SIDE = 480  # cells: about how many the long side of a large photo has

Cells = Float[np.ndarray, "rows columns *c"]


@dataclass(frozen=True)
class Tile:
    """A block of cells: rows ``top`` to ``bottom``, columns ``left`` to ``right`` (excluded)."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Grid:
    """The cells of a photo of ``height`` x ``width`` pixels."""

    height: int
    width: int
    step: int

    @classmethod
    def of(cls, height: int, width: int) -> "Grid":
        return cls(height, width, max(1, round(max(height, width) / SIDE)))

    @property
    def rows(self) -> int:
        return -(-self.height // self.step)

    @property
    def columns(self) -> int:
        return -(-self.width // self.step)

    def reduced(self, image: Shaped[np.ndarray, "h w *c"]) -> Cells:
        """The mean of each cell, float32."""
        bottom = self.rows * self.step - self.height
        right = self.columns * self.step - self.width
        image = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT)
        size = (self.columns, self.rows)
        return cv2.resize(image.astype(np.float32), size, interpolation=cv2.INTER_AREA)

    def sampled(self, field: Float[np.ndarray, "h w *c"]) -> Cells:
        """A field of any size that covers the photo, bilinear; the same beyond its border."""
        across = self._places(self.columns, self.width, field.shape[1])
        down = self._places(self.rows, self.height, field.shape[0])
        where = np.stack(np.meshgrid(across, down), axis=-1)
        return looked_up(np.asarray(field, np.float32), where, border=cv2.BORDER_REPLICATE)

    def _places(self, cells: int, pixels: int, length: int) -> np.ndarray:
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * self.step
        return centres * (length / pixels) - 0.5

    def positions(self, shift: Float[np.ndarray, "rows columns 2"]) -> np.ndarray:
        """Centres of cells moved by ``shift`` (right, down; in cells), in pixels, with a ring.

        The ring is one more cell on each side, as ``enlarged`` needs it.
        """
        across = np.arange(-1, self.columns + 1, dtype=np.float32)
        down = np.arange(-1, self.rows + 1, dtype=np.float32)
        centres = np.stack(np.meshgrid(across, down), axis=-1)
        return (centres + ringed(shift) + 0.5) * self.step - 0.5

    def enlarged(
        self, cells: Shaped[np.ndarray, "ringed_rows ringed_columns *c"], tile: Tile
    ) -> np.ndarray:
        """The pixels of a tile, bilinear between the cells' centres; ``cells`` have a ring."""
        part = cells[tile.top : tile.bottom + 2, tile.left : tile.right + 2]
        step = self.step
        size = (part.shape[1] * step, part.shape[0] * step)
        pixels = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
        rows, columns = self.pixels(tile)
        bottom, right = rows.stop - rows.start + step, columns.stop - columns.start + step
        return pixels[step:bottom, step:right]

    def pixels(self, tile: Tile) -> tuple[slice, slice]:
        """Rows and columns of the photo within a tile."""
        rows = slice(tile.top * self.step, min(self.height, tile.bottom * self.step))
        columns = slice(tile.left * self.step, min(self.width, tile.right * self.step))
        return rows, columns

    def tiles(self, *, height: int, width: int) -> list[Tile]:
        """Tiles of about ``height`` x ``width`` pixels that cover the photo."""
        tall, wide = max(1, height // self.step), max(1, width // self.step)
        return [
            Tile(top, min(self.rows, top + tall), left, min(self.columns, left + wide))
            for top in range(0, self.rows, tall)
            for left in range(0, self.columns, wide)
        ]


def places(height: int, width: int) -> Float[np.ndarray, "height width 2"]:
    """Each pixel's own place, (x, y)."""
    across, down = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    return np.stack(np.meshgrid(across, down), axis=-1)


def looked_up(
    image: Shaped[np.ndarray, "h w *c"],
    where: Float[np.ndarray, "h2 w2 2"],
    *,
    method: int = cv2.INTER_LINEAR,
    border: int = cv2.BORDER_REFLECT,
) -> np.ndarray:
    """An image at places (x, y), in its own pixels; mirrored at its borders, half-sample."""
    return cv2.remap(image, where, None, method, borderMode=border)  # type: ignore[call-overload]


def ringed(cells: Shaped[np.ndarray, "rows columns *c"]) -> np.ndarray:
    """With one more cell on each side that repeats the border, as ``Grid.enlarged`` needs it."""
    return cv2.copyMakeBorder(cells, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
