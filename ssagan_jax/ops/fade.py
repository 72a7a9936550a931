"""Joining sequences of frames without a visible seam. Frames may have any shape."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np


def weights(count: int) -> np.ndarray:
    """``count`` weights of what comes in, strictly between 0 and 1: a raised cosine."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(1, count + 1) / (count + 1))).astype(np.float32)


def chained(windows: Iterable[Sequence[np.ndarray]], *, fade: int) -> Iterator[np.ndarray]:
    """The frames of windows that overlap by ``fade`` frames, where one turns into the next.

    Args:
      windows: each at least ``2 * fade`` frames long.
      fade: frames of an overlap.
    """
    tail: list[np.ndarray] = []
    for window in windows:
        for old, new, weight in zip(tail, window, weights(len(tail)), strict=False):
            yield (1 - weight) * old + weight * new
        end = len(window) - fade
        yield from window[len(tail) : end]
        tail = list(window[end:])
    yield from tail


def resampled(frames: Iterable[np.ndarray], *, speed: int | float) -> Iterator[np.ndarray]:
    """Frames at the times 0, ``speed``, 2 x ``speed``, ...: between two, their weighted mean."""
    frames = iter(frames)
    before = after = next(frames)
    place, shown = 0, 0  # ``after`` is number ``place``
    while True:
        time = shown * speed
        while place < time:
            before, place = after, place + 1
            try:
                after = next(frames)
            except StopIteration:
                return
        share = np.float32(1 - (place - time))
        yield after if share == 1 else (1 - share) * before + share * after
        shown += 1
