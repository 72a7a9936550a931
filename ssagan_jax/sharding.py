"""Where arrays live: a mesh of devices, batches split over it, parameters by rule."""

import math
import re
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ssagan_jax.types import Batch

Rules = Sequence[Sequence[Any]]  # (pattern, one mesh axis or None per dimension)


def make_mesh(axes: Sequence[Sequence[Any]]) -> Mesh:
    """A mesh over all devices, from (name, size) pairs; a size of -1 takes what is left.

    Raises:
      ValueError: if the sizes do not multiply to the number of devices.
    """
    count, sizes = jax.device_count(), [size for _, size in axes]
    known = math.prod(size for size in sizes if size != -1)
    legal = all(size > 0 or size == -1 for size in sizes) and sizes.count(-1) <= 1
    if not legal or count % known or (-1 not in sizes and known != count):
        raise ValueError(
            f"config.mesh = {tuple(map(tuple, axes))} does not fit {count} devices: sizes must "
            "multiply to that, and at most one may be -1."
        )
    sizes = [count // known if size == -1 else size for size in sizes]
    devices = np.asarray(jax.devices()).reshape(sizes)
    return Mesh(devices, tuple(name for name, _ in axes))


def batch_sharding(mesh: Mesh, batch_size: int) -> NamedSharding:
    """Clips split over every axis of the mesh.

    Raises:
      ValueError: if the batch does not divide evenly.
    """
    if batch_size % mesh.size:
        raise ValueError(
            f"batch_size {batch_size} cannot be split over {mesh.size} devices: "
            f"make it a multiple of {mesh.size}."
        )
    return NamedSharding(mesh, PartitionSpec(mesh.axis_names))


def replicated(mesh: Mesh) -> NamedSharding:
    """The same on every device."""
    return NamedSharding(mesh, PartitionSpec())


def state_sharding(mesh: Mesh, tree, rules: Rules):
    """A sharding for every leaf of a (possibly abstract) tree.

    Args:
      rules: (pattern, axes): the first rule whose pattern is in a leaf's path
        ("generator/params/...") and whose axes divide its shape gives the mesh axis of each
        dimension; a leaf that no rule fits is replicated.

    Raises:
      ValueError: for an axis that the mesh does not have.
    """
    for pattern, axes in rules:
        for axis in axes:
            if axis is not None and axis not in mesh.axis_names:
                raise ValueError(
                    f'config.sharding_rules: "{pattern}" names the axis "{axis}", but config.mesh '
                    f"has {', '.join(mesh.axis_names)}."
                )

    def place(path, leaf):
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        for pattern, axes in rules:
            if re.search(pattern, name) and _divides(mesh, leaf.shape, axes):
                return NamedSharding(mesh, PartitionSpec(*axes))
        return replicated(mesh)

    return jax.tree_util.tree_map_with_path(place, tree)


def _divides(mesh, shape, axes):
    sizes = [mesh.shape[axis] if axis else 1 for axis in axes]
    return len(shape) == len(sizes) and all(n % s == 0 for n, s in zip(shape, sizes, strict=True))


def put_batch(batch: Batch, sharding: NamedSharding) -> Batch:
    """This process's part of a batch, as one global array."""
    return jax.tree.map(lambda x: jax.make_array_from_process_local_data(sharding, x), dict(batch))


def whole(tree):
    """Every array of a tree in full, as NumPy, on every process. All processes must call it."""

    def fetch(x):
        if x.is_fully_addressable or x.is_fully_replicated:
            return jax.device_get(x)
        return multihost_utils.process_allgather(x, tiled=True)

    return jax.tree.map(fetch, tree)
