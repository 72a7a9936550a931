"""Rendering at the photo's full size: the photo's own pixels move, with a velocity field.

From the model's size come the velocity, a mask of what moves and a change of light. The mask goes
to the photo's outlines (``warping/outlines.py``, ``warping/standing.py``), the photo is parted
into what moves and what stands before it (``warping/layers.py``), positions are traced over cells
(``warping/paths.py``, ``warping/grids.py``), and the layer is sampled there
(``warping/doubling.py``), mirrored at the photo's borders.
"""

import functools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.animation.warping import (
    doubling,
    fading,
    filling,
    layers,
    outlines,
    paths,
    standing,
)
from ssagan_jax.animation.warping.grids import Grid, Tile, looked_up, places, ringed
from ssagan_jax.animation.warping.phases import Moment, Schedule
from ssagan_jax.io.photo_files import Photo

_LEAST_MOVING = 0.001  # of the photo
_TILE = {"height": 128, "width": 512}  # pixels: what stays in the caches


@dataclass(frozen=True)
class _Plan:
    """A frame before it has its size: all over the grid's cells, with a ring.

    Attributes:
      places: where the doubled layer is sampled, in its pixels; one or two.
      share: of the second.
      gain: what their mean is multiplied by, three times the same; None: 1.
      rest: what is added then, in grey levels.
    """

    places: list[np.ndarray]
    share: float
    gain: np.ndarray | None
    rest: np.ndarray | None


class WarpedRenderer:
    """Frames of one photo at its own size, from fields at the model's size.

    Args:
      photo: uint8 RGB [H, W, 3].
      velocity: of the content, (right, down), shares of the picture's width and height per frame.
      mask: what moves, 0 to 1.
      change: of the light, per frame of the model's clip, grey levels; 0 in frame 0.
      allowed: uint8 [H, W], 255 where it may move, 0 where it may not; None: everywhere.
      moving: uint8 [H, W], what moves, at the photo's size; None: the mask at its outlines.
      island: smaller pieces of what moves, as a share of the largest, stand still.

    Attributes:
      alpha: uint8 [H, W], what moves at the photo's outlines: where it is 0 the photo stays.
      layer: uint8 [H, W, 3], what moves, complete: also behind what stands before it.
      light: the change, also where nothing moves.
      grid: the cells over which positions are traced.

    Raises:
      ValueError: hardly anything moves.
    """

    def __init__(
        self,
        photo: Photo,
        *,
        velocity: Float[np.ndarray, "s s 2"],
        mask: Float[np.ndarray, "s s"],
        change: Float[np.ndarray, "t s s 3"],
        allowed: UInt8[np.ndarray, "h w"] | None = None,
        moving: UInt8[np.ndarray, "h w"] | None = None,
        island: int | float = layers.ISLAND,
    ):
        self._photo = photo
        self.grid = grid = Grid.of(*photo.shape[:2])
        if moving is None:
            moving = standing.without_thin(photo, outlines.at_outlines(photo, mask, grid))
        self.alpha = moving
        if allowed is not None:
            self.alpha = cv2.multiply(self.alpha, allowed, scale=1 / 255)
        _check_moving(
            moving,
            "The model finds hardly anything that moves in this photo. "
            "Say what does: --mask=sky, or take another photo.",
        )
        _check_moving(
            self.alpha,
            "The mask leaves nothing to move. Paint more of it white, or take another photo.",
        )
        self.light = _beyond(change, mask)
        self.layer = layers.completed(photo, self.alpha, grid, island=island)
        self._doubled = doubling.doubled(self.layer)
        self._cells = grid.reduced(self.layer)
        self._share = grid.reduced(self.alpha) / 255
        self._velocity = self.spread(velocity, mask)
        self._tiles = [tile for tile in grid.tiles(**_TILE) if self.alpha[grid.pixels(tile)].any()]

    @functools.cached_property
    def travel(self) -> float:
        """How far the content moves in a frame of the model's clip, as a share of what moves.

        Of the longest row of it, for its motion across, and of its highest column: in a narrow sky
        a wind from above soon shows nothing but what is filled in.
        """
        extent = np.array([self._share.sum(axis=1).max(), self._share.sum(axis=0).max()])
        shares = (self._velocity / extent)[self._share > 0.5]
        speed = np.hypot(shares[:, 0], shares[:, 1])
        return float(np.quantile(speed, 0.9)) if speed.size else 0.0

    def frames(
        self, count: int, *, speed: int | float = 1.0, loop: bool = False
    ) -> Iterator[Photo]:
        """Yields the frames of a clip; frame 0 is the photo itself.

        Args:
          count: how many.
          speed: of the motion and of the light: a factor.
          loop: the last frame leads into the first.
        """
        schedule = Schedule(count, self.travel, speed, loop)
        doublings = paths.doublings(self._velocity, longest=schedule.longest_age)
        for moment in schedule.moments(lights=len(self.light)):
            yield self.render(moment, doublings=doublings)

    def render(self, moment: Moment, *, doublings: int) -> Photo:
        """The photo at a moment of its motion; ``doublings`` of ``paths.doublings``."""
        plan = self._plan(moment, doublings)
        frame = self._photo.copy()
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # OpenCV lets go of the interpreter
            list(pool.map(functools.partial(self._draw, frame, plan), self._tiles))
        return frame

    def _plan(self, moment: Moment, doublings: int) -> "_Plan":
        shift = paths.shifts(self._velocity, moment.age, doublings=doublings)
        positions, light = [self._positions(shift)], self._light(moment.light)
        if not moment.share:
            return _Plan(positions, 0.0, None, light)
        other = paths.shifts(self._velocity, moment.next_age, doublings=doublings)
        apart = np.hypot(*np.moveaxis(shift - other, 2, 0))
        one, two = self._moved(shift), self._moved(other)
        gain, rest = fading.faded(one, two, share=moment.share, apart=apart)
        rest = ringed(rest) if light is None else ringed(rest) + light
        positions.append(self._positions(other))
        return _Plan(positions, moment.share, ringed(np.dstack([gain] * 3)), rest)

    def _positions(self, shift: np.ndarray) -> np.ndarray:
        return doubling.places_in_doubled(self.grid.positions(shift))

    def _draw(self, frame: Photo, plan: "_Plan", tile: Tile) -> None:
        """Draws a tile of a frame: the layer moved, behind what stands before it."""
        enlarged, where = self.grid.enlarged, self.grid.pixels(tile)
        moved = self._sampled(plan, tile)
        if plan.gain is not None:
            moved = cv2.multiply(moved, enlarged(plan.gain, tile))
        if plan.rest is not None:
            moved = cv2.add(moved, enlarged(plan.rest, tile))
        moved = cv2.subtract(moved, self.layer[where], dtype=cv2.CV_32F)
        alpha = self.alpha[where]
        if alpha.min() < 255:
            alpha = cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB)
            moved = cv2.multiply(moved, alpha, scale=1 / 255, dtype=cv2.CV_32F)
        frame[where] = cv2.add(moved, self._photo[where], dtype=cv2.CV_8U)

    def _sampled(self, plan: "_Plan", tile: Tile) -> np.ndarray:
        """A tile of the layer, or the mean of two, float32."""
        maps = [self.grid.enlarged(places, tile) for places in plan.places]
        found = [doubling.sampled(self._doubled, where) for where in maps]
        return cv2.addWeighted(found[0], 1 - plan.share, found[-1], plan.share, 0, dtype=cv2.CV_32F)

    def _moved(self, shift: np.ndarray) -> np.ndarray:
        """The layer moved, at the grid's size."""
        return looked_up(self._cells, places(*shift.shape[:2]) + shift)

    def _light(self, time: float) -> np.ndarray | None:
        before = int(time)
        after = min(before + 1, len(self.light) - 1)
        change = (1 - time + before) * self.light[before] + (time - before) * self.light[after]
        return ringed(self.grid.sampled(change)) if change.any() else None

    def spread(
        self, velocity: Float[np.ndarray, "s s 2"], mask: Float[np.ndarray, "s s"]
    ) -> Float[np.ndarray, "rows columns 2"]:
        """In cells a frame, smooth; what stands still does not hold back what moves beside it.

        Linear in the velocity.
        """
        height, width = self._photo.shape[:2]
        scale = np.array([width, height], np.float32) / self.grid.step
        surely = self.grid.sampled(mask) ** 4 * self._share
        radius = self.grid.columns / mask.shape[1]
        return filling.smoothed(self.grid.sampled(velocity) * scale, surely, radius=radius)


def _check_moving(alpha: UInt8[np.ndarray, "h w"], fault: str) -> None:
    if alpha.mean() < 255 * _LEAST_MOVING:
        raise ValueError(fault)


def _beyond(change: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The change of what moves, also where nothing does: nothing mixes in at outlines."""
    weight = np.clip(mask, 0, 1).astype(np.float32)
    return np.stack([filling.spread(c, weight) for c in change.astype(np.float32)])
