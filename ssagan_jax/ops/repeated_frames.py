"""Clips with equal frames, which are computed once.

The generator sees the same photo in every frame. Whatever the number of frames, a convolution
over time makes of them only three that differ: the first and the last, which meet the padding,
and one for all between. That stays so through every halving convolution (kernel 4, stride 2,
padding 1): each frame but the first and the last is made of four equal ones.

A clip of *repeated frames* holds those that differ, ``[b, 3, h, w, c]``, and how often each occurs
in a row, ``repeats = (1, t - 2, 1)``; a photo is ``[b, 1, h, w, 3]`` with ``(t,)``. Where
``repeats`` is None, every frame is held. Means, attention and the decoder's transposed
convolutions take such clips as they are: the results are those of every frame, but for rounding.
"""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Float

Repeats = tuple[int, ...] | None
RepeatedFrames = Float[Array, "b r h w c"]
Convolved = Float[Array, "b r2 h2 w2 c2"]


def expand_repeats(x: RepeatedFrames, repeats: Repeats) -> Float[Array, "b t h w c"]:
    """Every frame."""
    if repeats is None:
        return x
    batch, _, *rest = x.shape
    # Broadcast and sum (its gradient) rather than gather and scatter.
    runs = [jnp.broadcast_to(x[:, i, None], (batch, n, *rest)) for i, n in enumerate(repeats)]
    return jnp.concatenate(runs, axis=1)


def shrink_before_convolution(
    x: RepeatedFrames, repeats: Repeats, *, stride: int
) -> tuple[Convolved, Repeats]:
    """The shortest clip whose convolution has the frames that differ, and their repeats.

    Args:
      stride: in time, of a convolution that pads time by 1: of kernel 3 for stride 1, of
        kernel 4 for stride 2.
    """
    frames = sum(repeats or ())
    if repeats == (frames,) and stride == 1 and frames >= 3:
        return expand_repeats(x, (3,)), (1, frames - 2, 1)
    if repeats is not None and len(repeats) == 3 and stride == 2 and frames >= 8:
        return expand_repeats(x, (1, 4, 1)), (1, frames // 2 - 2, 1)
    return expand_repeats(x, repeats), None


def convolve_transposed(
    convolve: Callable[[RepeatedFrames], Convolved],
    x: Float[Array, "b 3 h w c"],
    *,
    frames: int,
    stride: int,
) -> Float[Array, "b t2 h2 w2 c2"]:
    """``convolve`` of the clip that ``x`` stands for, every frame of it.

    What differs in the result are ``stride + 1`` frames at either end; between them the same
    ``stride`` frames come again and again.

    Args:
      convolve: a transposed convolution that pads time by 1, of kernel 3 for stride 1, of kernel
        4 for stride 2.
      x: the first frame, one of those between, and the last.
      frames: of the clip: 4 or more, for stride 1 at least 5.
      stride: of the convolution, in time.
    """
    middle = {1: 3, 2: 2}[stride]
    y = convolve(expand_repeats(x, (1, middle, 1)))
    start, again, end = jnp.split(y, [stride + 1, 2 * stride + 1], axis=1)
    times = frames - 2 * (stride + 1) // stride
    again = jnp.broadcast_to(again[:, None], (len(y), times, *again.shape[1:]))
    again = again.reshape(len(y), -1, *y.shape[2:])
    return jnp.concatenate([start, again, end], axis=1)


def frame_weights(repeats: Repeats) -> Float[Array, "r 1 1 1"] | float:
    """What a mean over repeated frames weighs its frames by, to be the mean over every frame."""
    if repeats is None:
        return 1.0
    share = jnp.asarray(repeats, jnp.float32) * (len(repeats) / sum(repeats))
    return share[:, None, None, None]


def count_positions(positions: int, repeats: Repeats) -> int:
    """How many positions a clip has, of which ``positions`` are held."""
    return positions if repeats is None else positions // len(repeats) * sum(repeats)
