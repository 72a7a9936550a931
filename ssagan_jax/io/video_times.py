"""Frames of a video with their times: in steps, between two moments, of one rate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import av
import numpy as np
from jaxtyping import UInt8

from ssagan_jax.io import video_colours
from ssagan_jax.io.video_colours import Signal

_UNEVEN = 1.5  # times the shortest distance of frames


@dataclass(frozen=True)
class TimedFrame:
    """A decoded frame, not yet converted.

    Attributes:
      time: of its time stamp, in seconds.
      duration: how long it is shown, in seconds.
      frame: of PyAV.
      signal: what its numbers mean.
    """

    time: float
    duration: float
    frame: av.VideoFrame
    signal: Signal

    def rgb(
        self, *, hdr: str = "refuse", size: tuple[int, int] | None = None
    ) -> UInt8[np.ndarray, "h w 3"]:
        """Its pixels; arguments as ``video_colours.to_rgb``."""
        return video_colours.to_rgb(self.frame, self.signal, hdr=hdr, size=size)


def resample(
    frames: Iterator[TimedFrame], fps: int | float, first: float | None = None
) -> Iterator[TimedFrame]:
    """At each step of 1 / fps seconds the newest frame then.

    Args:
      frames: with their times.
      fps: steps per second.
      first: when the first step is, in seconds; None: with the first frame.

    Raises:
      ValueError: a rate that is not positive.
    """
    check_rate(fps)
    slack = 0.1 / fps  # time stamps are rounded, in Matroska to milliseconds
    held: TimedFrame | None = None
    count = 0
    for frame in frames:
        if first is None:
            first = frame.time
        while held is not None and first + count / fps < frame.time - slack:
            yield held
            count += 1
        held = frame
    while held and first is not None and first + count / fps < held.time + held.duration - slack:
        yield held
        count += 1


def check_rate(fps: int | float) -> None:
    """Raises ValueError for a rate that nothing can be resampled to."""
    if not 0 < fps <= 1000:
        raise ValueError(f"fps is frames per second, above 0 and at most 1000, got {fps}.")


def with_times(
    frames: Iterator[av.VideoFrame], signal: Signal, step: float, say: Callable[[str], None]
) -> Iterator[TimedFrame]:
    """Frames with times that grow; each lasts until the next one, ``step`` if nothing is known."""
    held: TimedFrame | None = None
    for frame in frames:
        time = held.time + step if held else 0.0
        if frame.time is not None and (held is None or frame.time > held.time):
            time = frame.time
        elif held and frame.time is not None:
            say("has time stamps that do not grow: those frames come one step after the last")
        if held:
            yield replace(held, duration=time - held.time)
        shown = float(frame.duration * (frame.time_base or 0))
        held = TimedFrame(time, shown or step, frame, signal)
    if held:
        yield held


def between(
    frames: Iterator[TimedFrame], start: float | None, end: float | None
) -> Iterator[TimedFrame]:
    """The frames from ``start`` on and before ``end``, in seconds; None: no limit."""
    for frame in frames:
        if end is not None and frame.time >= end:
            return
        if start is None or frame.time >= start:
            yield frame


def watched(frames: Iterator[TimedFrame], say: Callable[[str], None]) -> Iterator[TimedFrame]:
    """The same frames; says at their end if they are not equally far apart."""
    shortest, longest, last = float("inf"), 0.0, None
    for frame in frames:
        if last is not None:
            shortest, longest = min(shortest, frame.time - last), max(longest, frame.time - last)
        last = frame.time
        yield frame
    if longest > _UNEVEN * shortest:
        say(
            f"has frames {shortest:.2g} to {longest:.2g} s apart, taken as equal steps unless it "
            "is resampled (--fps=N)"
        )
