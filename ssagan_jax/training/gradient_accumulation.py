"""Gradient accumulation: a batch in parts, one after the other, to save memory."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from ssagan_jax.models.variables import Tree

# Collections that follow the parameters, not the clips: every part of a batch starts from what the
# batch began with, and leaves the same, so that power iterations are not repeated for each part.
ONCE = ("spectral",)

# (statistics by network and collection, clips, key) -> (statistics, what is averaged)
Slope = Callable[[Tree, jax.Array, jax.Array], tuple[Tree, Tree]]


def averaged(count: int, slope: Slope, stats: Tree, real: jax.Array, rng: jax.Array):
    """``slope(stats, real, rng) -> (stats, found)`` over ``count`` parts of a batch, or of one
    device's clips of it.

    What is found (gradients, losses) is averaged, which for losses that are means over clips is
    what the whole batch gives. Batch norm normalises each part by itself, and its running
    statistics move with each part. Part i draws from ``fold_in(rng, i)``; a batch in one part
    from ``rng`` itself.

    Args:
      stats: a tuple with the collections of each network.
    """
    if count == 1:
        return slope(stats, real, rng)

    def add(carried, part):
        left, total = carried
        left, found = slope(_begin(stats, left), *part)
        return (left, jax.tree.map(jnp.add, total, found)), None

    parts = split(real, count), jax.vmap(partial(jax.random.fold_in, rng))(jnp.arange(count))
    shapes = jax.eval_shape(slope, stats, parts[0][0], rng)[1]
    zeros = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    (left, total), _ = jax.lax.scan(add, (stats, zeros), parts)
    return left, jax.tree.map(lambda x: x / count, total)


def _begin(stats, left):
    """The statistics a part begins with: those the last one left, but for ``ONCE``."""
    return tuple(
        {name: old[name] if name in ONCE else new[name] for name in new}
        for old, new in zip(stats, left, strict=True)
    )


def split(batch: jax.Array, count: int) -> jax.Array:
    """[b, ...] to [count, b / count, ...]; part i has the clips i, i + count, ...

    So the parts of the clips of several devices, each split by itself, make up the same parts as
    those of the whole batch.
    """
    return batch.reshape(len(batch) // count, count, *batch.shape[1:]).swapaxes(0, 1)
