"""What moves, at the model's size: the change of every frame relative to the photo.

One window is one clip of the generator, less its own first frame: what the network repeats of
the photo (and blurs) cancels out, what it moves stays. Longer sequences are windows that overlap
by half their length and fade into each other. Every window starts from the photo itself:
starting from the end of the window before blurs more and more and drifts in colour (measured:
docs/animation.md).
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.animation.animator import Animator
from ssagan_jax.ops import fade

Square = UInt8[np.ndarray, "s s 3"]  # the photo, squeezed to the model's size
Change = Float[np.ndarray, "s s 3"]  # grey levels, -255 to 255
Wind = Float[np.ndarray, "2"]  # (right, down), shares of width and height per frame

_SEEDS_APART = 0x9E3779B1  # between windows: no small seed is another small seed's window


def default_frames(model: Animator, *, speed: int | float) -> int:
    """How many frames one window fills."""
    return max(1, round(model.frames / speed))


def first_frame(
    model: Animator, square: Square, *, seed: int | None, wind: Wind | None = None
) -> Change:
    """What the network makes of the photo itself, in grey levels: frame 0 of the first window."""
    return model(square[None], seed=seed, wind=_batch(wind))[0, 0].astype(np.float32)


def changes(
    model: Animator,
    square: Square,
    *,
    frames: int,
    speed: int | float = 1.0,
    loop: bool = False,
    seed: int | None = None,
    wind: Wind | None = None,
) -> Iterator[Change]:
    """Yields the change of each frame, in grey levels; without ``loop``, that of frame 0 is 0.

    Args:
      square: the photo, squeezed to the model's size.
      frames: how many. More than one window has are chained.
      speed: of the motion: at 2 every second frame of it is shown, at 0.5 one more between
        each two, their mean.
      loop: the last frame leads into the first; the first is then not the photo itself.
      seed: of the noise, or of the wind; None: 0, or the likely wind.
      wind: for a model that takes one.
    """
    windows = _windows(model, square, seed, wind)
    if loop:
        period = max(1, round(frames * speed))  # so that it closes, the speed is rounded as well
        shown = fade.resampled(_circle(model, windows, period), speed=period / frames)
    else:
        needed = math.ceil((frames - 1) * speed) + 1
        shown = fade.resampled(_line(model, windows, needed), speed=speed)
    return itertools.islice(shown, frames)


def _line(model: Animator, windows: Iterator[Any], needed: int) -> Iterable[Change]:
    """At least ``needed`` frames of motion: one window, or windows that fade into each other."""
    if needed <= model.frames:
        return next(windows)
    return fade.chained(windows, fade=_overlap(model))


def _circle(model: Animator, windows: Iterator[Any], period: int) -> Iterator[Change]:
    """Motion that repeats itself after ``period`` frames, without end.

    The windows stand evenly on a circle. It begins where the first one is alone.
    """
    count = math.ceil(period / (model.frames - _overlap(model)))
    overlap = min(_overlap(model), period // count)
    starts = [round(number * period / count) for number in range(count + 1)]
    distinct = itertools.islice(windows, count)
    lengths = [after - start + overlap for start, after in itertools.pairwise(starts)]
    cut = [window[:length] for window, length in zip(distinct, lengths, strict=True)]
    return itertools.islice(fade.chained(itertools.cycle(cut), fade=overlap), overlap, None)


def _overlap(model: Animator) -> int:
    return model.frames // 2 - 1


def _windows(model: Animator, square: Square, seed: int | None, wind: Wind | None) -> Iterator[Any]:
    """Changes, [T, S, S, 3], without end. Without noise it is one window, again and again."""
    for number in itertools.count():
        if number == 0 or model.draws_noise:
            own = seed if number == 0 else (seed or 0) + number * _SEEDS_APART
            clip = model(square[None], seed=own, wind=_batch(wind))[0].astype(np.float32)
            window = clip - clip[0]
        yield window


def _batch(wind: Wind | None) -> Float[np.ndarray, "1 2"] | None:
    return None if wind is None else wind[None]
