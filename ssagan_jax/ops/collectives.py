"""Collectives over the devices that share a batch; identities where one device has all of it.

``axis_names`` are the axes of the mesh that the batch is split over, as within ``jax.shard_map``
(``distributed.sharding.data_parallel``); ``()`` says that the batch is whole.
"""

from typing import Any

import jax
from jaxtyping import Array, Shaped

AxisNames = tuple[str, ...]


def axis_size(axis_names: AxisNames) -> int:
    """How many devices share the batch."""
    return jax.lax.axis_size(axis_names) if axis_names else 1


def pmean(tree: Any, axis_names: AxisNames) -> Any:
    """The mean over devices of every array of a tree."""
    return jax.lax.pmean(tree, axis_names) if axis_names else tree


def pmean_at_once(tree: Any, axis_names: AxisNames) -> Any:
    """``pmean`` of a tree whose sums start when all of its arrays are there.

    XLA makes one operation of them, as far as it joins any. Without the barrier it may join those
    that are there early with a sum that the rest waits for; on a CPU it does, as it drops barriers.
    """
    return pmean(jax.lax.optimization_barrier(tree), axis_names) if axis_names else tree


def pmin(x: Shaped[Array, "..."], axis_names: AxisNames) -> Shaped[Array, "..."]:
    """The smallest of the devices' values. It has no gradient."""
    return jax.lax.pmin(x, axis_names) if axis_names else x


def local_rows(x: Shaped[Array, "n ..."], axis_names: AxisNames) -> Shaped[Array, "m ..."]:
    """Of an array with a row for each clip of the global batch, those of this device's clips.

    So that a draw for the global batch is the same on any number of devices.
    """
    if not axis_names:
        return x
    size = len(x) // axis_size(axis_names)
    return jax.lax.dynamic_slice_in_dim(x, jax.lax.axis_index(axis_names) * size, size)
