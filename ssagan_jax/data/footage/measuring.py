"""One pass over a film: what its cuts, freezes, bars and camera motion are found by."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.data.footage import camera
from ssagan_jax.data.footage.bars import Borders, borders
from ssagan_jax.data.footage.camera import Motion
from ssagan_jax.data.footage.steadying import turn_between

SMALL = 160  # pixels, the long side of the frames that motion is looked for in
LAYOUT, COLOURS = (27, 48), (9, 16)  # height and width of the frames that scenes are told by
_BLOCKS = (4, 6)
_BORDERS_EVERY = 16  # frames


@dataclass
class Measured:
    """What is known of T frames.

    Attributes:
      times: when each frame starts, in seconds, and when the last one ends: T + 1.
      since: the time stamp of each frame, in seconds; of what is resampled, its time or earlier.
      layout: grey, small.
      colours: RGB, smaller.
      bright: the brightest pixels of each frame (99.5th percentile), 0 to 255.
      spread: standard deviation of each frame's greys.
      changed: by how many grey levels the block that changes most differs from the frame before.
      frozen: how many frames before this one look the same as this one, without a gap.
      motions: of the camera, from the frame of that number on.
      borders: of some frames, by number.
      turns: of the picture from each frame to the next, [T, 2, 3] by the number of the next; empty
        if that was not asked for.
      size: height and width of the small frames.
    """

    times: Float[np.ndarray, "t1"]
    since: Float[np.ndarray, "t"]
    layout: UInt8[np.ndarray, "t h w"]
    colours: UInt8[np.ndarray, "t a b 3"]
    bright: Float[np.ndarray, "t"]
    spread: Float[np.ndarray, "t"]
    changed: Float[np.ndarray, "t"]
    frozen: np.ndarray
    motions: dict[int, tuple[Motion, Motion]]
    borders: dict[int, Borders]
    turns: np.ndarray
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.layout)


@dataclass(frozen=True)
class Look:
    """A frame as it is measured: its times as in ``Measured``, RGB small, and at full size."""

    start: float
    end: float
    since: float
    small: UInt8[np.ndarray, "h w 3"]
    full: UInt8[np.ndarray, "H W 3"] | None = None


def wants_full(number: int) -> bool:
    """Whether the frame of this number is looked at in full size."""
    return number % _BORDERS_EVERY == 0


def small_size(height: int, width: int) -> tuple[int, int]:
    """Height and width with a long side of ``SMALL`` pixels."""
    scale = SMALL / max(height, width)
    return max(16, round(height * scale)), max(16, round(width * scale))


def measure(looks: Iterable[Look], *, motion: bool = True, turns: bool = False) -> Measured:
    """Measures a film; memory is about 2 kB a frame.

    Args:
      looks: its frames.
      motion: whether the camera is watched, most of the time that this takes.
      turns: whether it is followed from each frame to the next.
    """
    times: list[float] = []
    since: list[float] = []
    layout, colours, numbers = [], [], []
    frozen: list[int] = []
    motions: dict[int, tuple[Motion, Motion]] = {}
    found: dict[int, Borders] = {}
    way: list[np.ndarray] = []
    recent: deque[np.ndarray] = deque(maxlen=camera.SPAN + 1)
    anchor, before, end = None, None, 0.0
    for number, look in enumerate(looks):
        grey = cv2.cvtColor(look.small, cv2.COLOR_RGB2GRAY)
        if before is not None and before.shape != grey.shape:  # the size changes within the file
            recent.clear()
            anchor = before = None
        times.append(look.start)
        since.append(look.since)
        end = look.end
        layout.append(cv2.resize(grey, LAYOUT[::-1], interpolation=cv2.INTER_AREA))
        colours.append(cv2.resize(look.small, COLOURS[::-1], interpolation=cv2.INTER_AREA))
        changed = np.inf if before is None else _changed(before, grey)
        numbers.append((np.percentile(grey, 99.5), grey.std(), changed))
        same = anchor is not None and _changed(anchor, grey) < FROZEN
        frozen.append(frozen[-1] + 1 if same else 0)
        anchor, before = (anchor if same else grey), grey
        if motion or turns:
            recent.append(camera.evened(grey))
        if turns:
            known = len(recent) > 1
            way.append(turn_between(recent[-2], recent[-1]) if known else np.full((2, 3), np.nan))
        start = number - camera.SPAN
        if motion and len(recent) == camera.SPAN + 1 and start % camera.STRIDE == 0:
            motions[start] = camera.watch(list(recent))
        if look.full is not None:
            found[number] = borders(look.full)
    bright, spread, changes = np.array(numbers, float).reshape(-1, 3).T
    return Measured(
        np.array([*times, end]),
        np.array(since, float),
        np.array(layout, np.uint8).reshape(-1, *LAYOUT),
        np.array(colours, np.uint8).reshape(-1, *COLOURS, 3),
        bright,
        spread,
        changes,
        np.array(frozen, int),
        motions,
        found,
        np.array(way, float).reshape(-1, 2, 3),
        before.shape if before is not None else (0, 0),
    )


FROZEN = 0.12  # grey levels by which the block that changes most may differ from a frozen frame


def _changed(before: np.ndarray, after: np.ndarray) -> float:
    difference = cv2.absdiff(before, after)
    blocks = cv2.resize(difference.astype(np.float32), _BLOCKS[::-1], interpolation=cv2.INTER_AREA)
    return float(blocks.max())
