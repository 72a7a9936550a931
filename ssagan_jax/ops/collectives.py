"""The devices that share a batch, for what takes all of its clips together.

On several devices each one computes the training step of its own clips (``sharding.spread``). What
joins clips, as batch norm does, or draws for them, says so by these functions. Where a batch is
whole, on one device or outside of the step, they change nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import jax
from jaxtyping import Array, Float, Shaped

_AXES: ContextVar[tuple[str, ...]] = ContextVar("axes", default=())


@contextmanager
def axes(names: Sequence[str]) -> Iterator[None]:
    """What is traced within it has the clips of one device, of a mesh with these axes."""
    token = _AXES.set(tuple(names))
    try:
        yield
    finally:
        _AXES.reset(token)


def count() -> int:
    """How many devices share the batch."""
    return jax.lax.axis_size(_AXES.get()) if _AXES.get() else 1


def mean(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """The mean over devices."""
    return jax.lax.pmean(x, _AXES.get()) if _AXES.get() else x


def mean_together(tree):
    """The mean over devices of every array of a tree, by sums that start when all are there.

    XLA makes one operation of them, as far as it joins any. Without the barrier it may join those
    that are there early with a sum that the rest waits for; on a CPU it does, as it drops barriers.
    """
    if not _AXES.get():
        return tree
    return jax.lax.pmean(jax.lax.optimization_barrier(tree), _AXES.get())


def least(x: Shaped[Array, "..."]) -> Shaped[Array, "..."]:
    """The smallest of the devices' values. It has no gradient."""
    return jax.lax.pmin(x, _AXES.get()) if _AXES.get() else x


def rows(x: Shaped[Array, "n ..."]) -> Shaped[Array, "m ..."]:
    """Of an array with a row for each clip of the whole batch, those of this device's clips.

    So that a draw for the whole batch is the same on any number of devices.
    """
    if not _AXES.get():
        return x
    size = len(x) // count()
    return jax.lax.dynamic_slice_in_dim(x, jax.lax.axis_index(_AXES.get()) * size, size)
