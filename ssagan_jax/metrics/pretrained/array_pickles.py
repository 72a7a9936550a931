"""Reads arrays out of a pickle file without letting the file run code.

A pickle is a program: an ordinary unpickler calls whatever function the file names.
This one knows the three names that NumPy's arrays need and refuses all others.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
from flax.traverse_util import flatten_dict
from numpy._core.multiarray import _reconstruct

# What a file may name. NumPy 1 wrote "numpy.core", which NumPy 2 calls "numpy._core".
ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Reads a pickled dictionary of dictionaries of arrays.

    Returns:
      The arrays, float32, by the names of the dictionaries above them, joined by "/".

    Raises:
      ValueError: if the file names anything but arrays, or holds anything but
        dictionaries of float32 arrays.
    """
    with path.open("rb") as stream:
        try:
            tree = _ArrayUnpickler(stream).load()
        except (pickle.UnpicklingError, EOFError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} was not read: {error}") from error
    leaves = {"/".join(map(str, keys[1:])): leaf for keys, leaf in flatten_dict({"": tree}).items()}
    return {name: _check_array(name, leaf, path) for name, leaf in leaves.items()}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What a file names, if it is allowed; refuses everything else."""
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it names {module}.{name}; only NumPy arrays are expected in it."
            ) from None


def _check_array(name: str, leaf: Any, path: Path) -> np.ndarray:
    if isinstance(leaf, np.ndarray) and leaf.dtype == np.float32:
        return leaf
    kind = leaf.dtype if isinstance(leaf, np.ndarray) else type(leaf).__name__
    raise ValueError(f'{path} holds {kind} at "{name}"; only float32 arrays are expected.')
