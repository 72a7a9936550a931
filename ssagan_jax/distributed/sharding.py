"""Where arrays live: a mesh of devices, batches split over it, parameters by rule."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import AbstractMesh, Mesh, NamedSharding, PartitionSpec

from ssagan_jax.types import Batch

Rules = Sequence[Sequence[Any]]  # (pattern, one mesh axis or None per dimension)
FSDP = "fsdp"  # the axis of the mesh that large arrays are split over
LARGE = 2**16  # elements: below, an array costs less to hold than to gather


def make_mesh(axes: Sequence[Sequence[Any]], devices: Sequence[Any] | None = None) -> Mesh:
    """A mesh over all devices, from (name, size) pairs; a size of -1 takes what is left.

    Args:
      devices: others than those that are here (see ``topologies``).

    Raises:
      ValueError: if the sizes do not multiply to the number of devices.
    """
    devices = jax.devices() if devices is None else devices
    count, sizes = len(devices), [size for _, size in axes]
    known = math.prod(size for size in sizes if size != -1)
    legal = all(size > 0 or size == -1 for size in sizes) and sizes.count(-1) <= 1
    if not legal or count % known or (-1 not in sizes and known != count):
        raise ValueError(
            f"config.mesh = {tuple(map(tuple, axes))} does not fit {count} devices: sizes must "
            "multiply to that, and at most one may be -1."
        )
    sizes = [count // known if size == -1 else size for size in sizes]
    return Mesh(np.asarray(devices).reshape(sizes), tuple(name for name, _ in axes))


def batch_sharding(mesh: Mesh, batch_size: int, *, parts: int = 1) -> NamedSharding:
    """Clips split over every axis of the mesh.

    Args:
      parts: that each device takes its clips in, one after the other (``config.micro_batches``).

    Raises:
      ValueError: if the batch does not divide evenly.
    """
    if batch_size % (mesh.size * parts):
        how, less = f"{mesh.size} devices", ""
        if parts > 1:
            how += f" that take their clips in {parts} parts (config.micro_batches)"
            less = ", or micro_batches smaller"
        raise ValueError(
            f"batch_size {batch_size} cannot be split over {how}: "
            f"make it a multiple of {mesh.size * parts}{less}."
        )
    return NamedSharding(mesh, PartitionSpec(mesh.axis_names))


def replicated(mesh: Mesh) -> NamedSharding:
    """The same on every device."""
    return NamedSharding(mesh, PartitionSpec())


def state_sharding(mesh: Mesh, tree: Any, rules: Rules = ()) -> Any:
    """A sharding for every leaf of a (possibly abstract) tree.

    The first rule that fits a leaf counts. A leaf that none fits is replicated, unless the mesh
    has an axis called ``fsdp``: then leaves of ``LARGE`` elements or more (the large kernels,
    their moments, the averaged copies) are split over it in their longest dimension that divides.

    Args:
      rules: (pattern, axes): a rule whose pattern is in a leaf's path ("generator/params/...") and
        whose axes divide its shape gives the mesh axis of each dimension.

    Raises:
      ValueError: for an axis that the mesh does not have, or a rule that fits no leaf.
    """
    paths = {_name(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}
    for pattern, axes in rules:
        _check_rule(mesh, paths, pattern, axes)

    def sharding_of(path, leaf):
        for pattern, axes in rules:
            if re.search(pattern, _name(path)) and _divides(mesh, leaf.shape, axes):
                return NamedSharding(mesh, PartitionSpec(*axes))
        return NamedSharding(mesh, _split_large(mesh, leaf.shape))

    return jax.tree_util.tree_map_with_path(sharding_of, tree)


def data_parallel(function: Callable, mesh: Mesh | AbstractMesh | None) -> Callable:
    """``function`` of (parameters, statistics, clips, key), computed by all devices of a mesh.

    Each one gets its own clips, and all of the rest: arrays that are sharded are gathered, once.
    What the function returns must be equal on all of them, as after ``ops.collectives.pmean``; no
    other collectives are put in than the function asks for. On one device: the function itself.
    """
    if mesh is None or mesh.size == 1:
        return function
    replicated, clips = PartitionSpec(), PartitionSpec(mesh.axis_names)
    # Unchecked, since with the check operations with gradients of their own (``ops.conv``)
    # refuse a kernel that is the same on all devices beside clips that are not.
    return jax.shard_map(
        function,
        mesh=mesh,
        in_specs=(replicated, replicated, clips, replicated),
        out_specs=replicated,
        check_vma=False,
    )


def _check_rule(mesh, paths, pattern, axes):
    for axis in axes:
        if axis is not None and axis not in mesh.axis_names:
            raise ValueError(
                f'config.sharding_rules: "{pattern}" names the axis "{axis}", but config.mesh '
                f"has {', '.join(mesh.axis_names)}."
            )
    named = {name: leaf.shape for name, leaf in paths.items() if re.search(pattern, name)}
    if not named:
        raise ValueError(
            f'config.sharding_rules: "{pattern}" is in no path of the state. Paths look like '
            f"{min(paths)}."
        )
    if not any(_divides(mesh, shape, axes) for shape in named.values()):
        name, shape = min(named.items())
        raise ValueError(
            f'config.sharding_rules: "{pattern}" with {tuple(axes)} fits none of the '
            f"{len(named)} arrays it names, such as {name} of shape {shape}: one axis or None for "
            f"each dimension, and sizes that divide it ({dict(mesh.shape)})."
        )


def _split_large(mesh: Mesh, shape: Any) -> PartitionSpec:
    if FSDP not in mesh.axis_names or math.prod(shape) < LARGE:
        return PartitionSpec()
    fitting = [dim for dim, size in enumerate(shape) if size % mesh.shape[FSDP] == 0]
    if not fitting:
        return PartitionSpec()
    longest = max(fitting, key=lambda dim: (shape[dim], dim))
    return PartitionSpec(*(FSDP if dim == longest else None for dim in range(len(shape))))


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")


def _divides(mesh, shape, axes):
    sizes = [mesh.shape[axis] if axis else 1 for axis in axes]
    return len(shape) == len(sizes) and all(n % s == 0 for n, s in zip(shape, sizes, strict=True))


def put_batch(batch: Batch, sharding: NamedSharding) -> Batch:
    """This process's part of a batch, as one global array."""
    return jax.tree.map(lambda x: jax.make_array_from_process_local_data(sharding, x), dict(batch))


def fetch_global(tree: Any) -> Any:
    """Every array of a tree in full, as NumPy, on every process. All processes must call it."""

    def fetch(x):
        if x.is_fully_addressable or x.is_fully_replicated:
            return jax.device_get(x)
        return multihost_utils.process_allgather(x, tiled=True)

    return jax.tree.map(fetch, tree)
