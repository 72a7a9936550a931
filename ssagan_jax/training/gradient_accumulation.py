"""Gradient accumulation: a batch in micro-batches, one after the other, to save memory."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from ssagan_jax.models.variables import Tree

# Collections that follow the parameters, not the clips: every micro-batch starts from what the
# batch began with, and leaves the same, so that power iterations are not repeated for each.
ONCE = ("spectral",)

# (statistics of both networks, clips, key) -> (gradients and terms, statistics)
GradFn = Callable[[Tree, jax.Array, jax.Array], tuple[Tree, Tree]]


def accumulate_gradients(
    grad_fn: GradFn, stats: Tree, real: jax.Array, rng: jax.Array, *, micro_batches: int
) -> tuple[Tree, Tree]:
    """``grad_fn(stats, real, rng) -> (grads, stats)`` over the micro-batches of a batch, or of
    one device's part of it.

    The gradients (and terms beside them) are averaged, which for losses that are means over clips
    is what the whole batch gives. Batch norm normalises each micro-batch by itself, and its running
    statistics move with each. Micro-batch i draws from ``fold_in(rng, i)``; a batch in one piece
    from ``rng`` itself.

    Args:
      stats: {network: its statistics by collection}.
    """
    if micro_batches == 1:
        return grad_fn(stats, real, rng)

    def add(carried, micro_batch):
        total, left = carried
        grads, left = grad_fn(_begin(stats, left), *micro_batch)
        return (jax.tree.map(jnp.add, total, grads), left), None

    numbers = jnp.arange(micro_batches)
    clips, rngs = split(real, micro_batches), jax.vmap(partial(jax.random.fold_in, rng))(numbers)
    shapes = jax.eval_shape(grad_fn, stats, clips[0], rng)[0]
    zeros = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    (total, left), _ = jax.lax.scan(add, (zeros, stats), (clips, rngs))
    return jax.tree.map(lambda x: x / micro_batches, total), left


def _begin(stats, left):
    """The statistics a micro-batch begins with: those the last one left, but for ``ONCE``."""
    return {
        network: {name: stats[network][name] if name in ONCE else new[name] for name in new}
        for network, new in left.items()
    }


def split(batch: jax.Array, count: int) -> jax.Array:
    """[b, ...] to [count, b / count, ...]; part i has the clips i, i + count, ...

    So the parts of the clips of several devices, each split by itself, make up the same parts as
    those of the whole batch.
    """
    return batch.reshape(len(batch) // count, count, *batch.shape[1:]).swapaxes(0, 1)
