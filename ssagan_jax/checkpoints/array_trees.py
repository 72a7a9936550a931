"""Trees of arrays, by the names of their leaves: compared, and told apart by one hash."""

import hashlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def digest(tree: Any) -> str:
    """SHA-256 over names, shapes and bytes of every array."""
    sha = hashlib.sha256()
    for name, leaf in sorted(_named(tree).items()):
        array = np.asarray(leaf)
        sha.update(f"{name} {array.shape} {array.dtype}".encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()


def differences(wanted: Any, found: Any) -> str:
    """What is missing, unknown or of another shape, a line each, twenty at most; or nothing."""
    wanted, found = (
        {name: tuple(leaf.shape) for name, leaf in _named(tree).items()} for tree in (wanted, found)
    )
    lines = [f"  missing: {name} {wanted[name]}" for name in sorted(wanted.keys() - found.keys())]
    lines += [f"  unknown: {name} {found[name]}" for name in sorted(found.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        if wanted[name] != found[name]:
            lines.append(f"  shape: {name} is {found[name]}, expected {wanted[name]}")
    return "\n".join(lines[:20] + ([f"  and {len(lines) - 20} more"] if lines[20:] else []))


def count_values(tree: Any) -> int:
    """How many numbers the arrays hold together."""
    return sum(leaf.size for leaf in jax.tree.leaves(tree))


def list_non_finite(tree: Any) -> list[str]:
    """Names of the arrays that hold NaN or infinity.

    Args:
      tree: NumPy or JAX arrays; of those that lie on several machines, what is here is looked at.
    """
    return [name for name, leaf in _named(tree).items() if not all(map(_is_finite, _here(leaf)))]


def refuse_non_finite(where: str, tree: Any) -> None:
    """Looks for NaN and infinity in arrays.

    Raises:
      ValueError: naming the first array that has any, and how many more have.
    """
    if names := list_non_finite(tree):
        more = f" (and {len(names) - 1} more arrays)" if names[1:] else ""
        raise ValueError(
            f"{where}: {names[0]}{more} holds numbers that are not finite. Use a checkpoint from "
            "before that."
        )


def _is_finite(array: np.ndarray) -> bool:
    whole_numbers = not jnp.issubdtype(array.dtype, jnp.inexact)
    return whole_numbers or bool(np.isfinite(array).all())


def _here(leaf: Any) -> list[np.ndarray]:
    """The parts of an array that this process holds, without copies of the same part."""
    if not isinstance(leaf, jax.Array):
        return [np.asarray(leaf)]
    return [np.asarray(shard.data) for shard in leaf.addressable_shards if shard.replica_id == 0]


def _named(tree: Any) -> dict[str, Any]:
    """Leaves by path: ``params/down1/Conv_0/kernel``."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="/"): leaf for path, leaf in leaves}
