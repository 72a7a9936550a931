"""Which moments of the motion a frame shows: one, or two of which one fades into the other.

A clip whose motion stays short is the photo moved on and on. In a longer one, and in a loop, the
photo comes back every ``period`` frames, and between two such times the photo moved forwards from
the first fades into the photo moved backwards from the second. So nothing is ever farther from
the photo than one period, and of what comes from the far side there is little.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

REACH = 0.25  # of what moves: how far the photo's content travels in a clip without fades
PERIOD_REACH = 0.15  # likewise within one period
_LEAST_PERIOD = 8.0  # frames: shorter fades flicker


@dataclass(frozen=True)
class Moment:
    """The photo moved on by ``age`` frames, which fades into the one ``next_age`` frames on.

    Attributes:
      share: of the second, 0 to 1; 0: there is no second.
      light: the time of the change of light, in frames of the model's clip.
    """

    age: int | float
    next_age: int | float = 0.0
    share: int | float = 0.0
    light: int | float = 0.0


@dataclass(frozen=True)
class Schedule:
    """The moments of a clip; that of frame 0 is the photo itself.

    Attributes:
      frames: of the clip.
      travel: of the content in a frame of the model's clip, as a share of what moves.
      speed: how many frames of the model's clip pass in one of this one.
      loop: the last frame leads into the first.
    """

    frames: int
    travel: float
    speed: int | float = 1.0
    loop: bool = False

    @functools.cached_property
    def period(self) -> float | None:
        """Frames between two times the photo is itself; None: it never comes back."""
        travel = self.travel * self.speed
        if not self.loop and (self.frames - 1) * travel <= REACH:
            return None
        period = max(_LEAST_PERIOD, PERIOD_REACH / max(travel, 1e-9))
        return self.frames / math.ceil(self.frames / period) if self.loop else period

    @property
    def longest_age(self) -> float:
        """The farthest of any moment from the photo, in frames of the model's clip."""
        return (self.period or float(self.frames)) * self.speed

    def moments(self, *, lights: int) -> Iterator[Moment]:
        """The moment of each frame.

        Args:
          lights: how many frames the change of light has; in loops and long clips it goes to and
            fro.
        """
        for frame in range(self.frames):
            light = self._light(frame, lights - 1)
            if self.period is None:
                yield Moment(frame * self.speed, light=light)
            else:
                share = (frame % self.period) / self.period
                longest = self.longest_age
                yield Moment(share * longest, (share - 1) * longest, share, light)

    def _light(self, frame: int, last: int) -> float:
        if self.period is None:
            return float(min(frame * self.speed, last))
        turn = self.frames if self.loop else max(1.0, 2 * last / self.speed)  # frames
        there = min(last, turn * self.speed / 2)
        return there * (1 - abs(1 - 2 * (frame / turn % 1)))
