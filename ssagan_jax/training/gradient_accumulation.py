"""Gradient accumulation: a batch in micro-batches, one after the other, to save memory."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from ssagan_jax.models.variables import Tree
from ssagan_jax.types import Batch

# Collections that follow the parameters, not the clips: every micro-batch starts from what the
# batch began with, and leaves the same, so that power iterations are not repeated for each.
ONCE = ("spectral",)

# (statistics of both networks, batch, key) -> (gradients and terms, statistics)
GradFn = Callable[[Tree, Batch, jax.Array], tuple[Tree, Tree]]


def accumulate_gradients(
    grad_fn: GradFn, stats: Tree, batch: Batch, rng: jax.Array, *, micro_batches: int
) -> tuple[Tree, Tree]:
    """``grad_fn(stats, batch, rng) -> (grads, stats)`` over the micro-batches of a batch, or of
    one device's part of it.

    The gradients (and terms beside them) are averaged, which for losses that are means over clips
    is what the whole batch gives. Batch norm normalises each micro-batch by itself, and its running
    statistics move with each. Micro-batch i draws from ``fold_in(rng, i)``; a batch in one piece
    from ``rng`` itself.

    Args:
      stats: {network: its statistics by collection}.
    """
    if micro_batches == 1:
        return grad_fn(stats, batch, rng)

    def add(carried, micro_batch):
        total, left = carried
        grads, left = grad_fn(_begin(stats, left), *micro_batch)
        return (jax.tree.map(jnp.add, total, grads), left), None

    numbers = jnp.arange(micro_batches)
    parts = jax.tree.map(partial(split, count=micro_batches), dict(batch))
    rngs = jax.vmap(partial(jax.random.fold_in, rng))(numbers)
    first = jax.tree.map(lambda x: x[0], parts)
    shapes = jax.eval_shape(grad_fn, stats, first, rng)[0]
    zeros = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    (total, left), _ = jax.lax.scan(add, (zeros, stats), (parts, rngs))
    return jax.tree.map(lambda x: x / micro_batches, total), left


def _begin(stats, left):
    """The statistics a micro-batch begins with: those the last one left, but for ``ONCE``."""
    return {
        network: {name: stats[network][name] if name in ONCE else new[name] for name in new}
        for network, new in left.items()
    }


def split(rows: jax.Array, count: int) -> jax.Array:
    """[b, ...] to [count, b / count, ...]; part i has the clips i, i + count, ...

    So the parts of the clips of several devices, each split by itself, make up the same parts as
    those of the whole batch.
    """
    return rows.reshape(len(rows) // count, count, *rows.shape[1:]).swapaxes(0, 1)
