"""What moves, at the model's size: the change of every frame relative to the photo.

One window is one clip of the generator, less its own first frame: what the network repeats of
the photo (and blurs) cancels out, what it moves stays. Longer sequences are windows that overlap
by half their length and fade into each other. Every window starts from the photo itself:
starting from the end of the window before blurs more and more and drifts in colour (measured:
docs/architecture.md, "Animating").
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.generate import Animator
from ssagan_jax.ops import fade

Change = Float[np.ndarray, "s s 3"]  # grey levels, -255 to 255

_SEEDS_APART = 0x9E3779B1  # between windows: no small seed is another small seed's window


def default_frames(model: Animator, *, speed: float) -> int:
    """How many frames one window fills."""
    return max(1, round(model.frames / speed))


def first_frame(model: Animator, square: UInt8[np.ndarray, "s s 3"], *, seed: int) -> Change:
    """What the network makes of the photo itself, in grey levels: frame 0 of the first window."""
    return model(square[None], seed=seed)[0, 0].astype(np.float32)


def changes(
    model: Animator,
    square: UInt8[np.ndarray, "s s 3"],
    *,
    frames: int,
    speed: float = 1.0,
    loop: bool = False,
    seed: int = 0,
) -> Iterator[Change]:
    """Yields the change of each frame, in grey levels; without ``loop``, that of frame 0 is 0.

    Args:
      square: the photo, squeezed to the model's size.
      frames: how many. More than one window has are chained.
      speed: of the motion: at 2 every second frame of it is shown, at 0.5 one more between
        each two, their mean.
      loop: the last frame leads into the first.
      seed: of the noise.
    """
    overlap = frames // 2 if loop else 0
    wanted = math.ceil((frames + overlap - 1) * speed) + 1  # of the motion's own frames
    motion = _motion(model, square, wanted, seed)
    shown = fade.resampled(motion, speed=speed)
    if loop:
        return fade.closed(shown, period=frames, fade=overlap)
    return itertools.islice(shown, frames)


def _motion(model, square, wanted, seed):
    if wanted <= model.frames:
        return itertools.islice(_windows(model, square, seed), 1).__next__()[:wanted]
    return fade.chained(_windows(model, square, seed), fade=model.frames // 2 - 1)


def _windows(model, square, seed):
    """Without end. A model without noise has one window, again and again."""
    for number in itertools.count():
        if number == 0 or model.draws_noise:
            clip = model(square[None], seed=seed + number * _SEEDS_APART)[0].astype(np.float32)
            window = clip - clip[0]
        yield window
