"""Trees of arrays, by the names of their leaves: compared, and told apart by one hash."""

import hashlib
from typing import Any

import jax
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


def _named(tree: Any) -> dict[str, Any]:
    """Leaves by path: ``params/down1/Conv_0/kernel``."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="/"): leaf for path, leaf in leaves}
