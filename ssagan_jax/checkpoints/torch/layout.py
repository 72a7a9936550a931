"""How PyTorch lays out an array, and how it is laid out here.

A convolution's kernel is [out, in, t, h, w] there and [t, h, w, in, out] here; a transposed one's
is [in, out, t, h, w] and [t, h, w, out, in]: the same permutation, and no flip, since a transposed
convolution here is PyTorch's.
"""

import numpy as np

from ssagan_jax.checkpoints.torch.names import KERNEL, POINTWISE, REST, SCALAR

Shape = tuple[int, ...]


def to_ours(array: np.ndarray, kind: str, kernel: Shape | None = None) -> np.ndarray:
    """An array of the file, as the variable has it.

    Args:
      array: of the shape that ``in_file`` gives.
      kind: see ``names``.
      kernel: for a spectral ``v``: [t, h, w, ...] of the kernel here. PyTorch's ``v`` runs over
        (in, t, h, w), also for a transposed convolution; ours over (t, h, w, in).
    """
    if kind == KERNEL:
        return array.transpose(2, 3, 4, 1, 0)
    if kind == POINTWISE:
        return array[:, :, 0, 0, 0].T
    if kind == REST and kernel is not None:
        return array.reshape(-1, *kernel[:3]).transpose(1, 2, 3, 0).ravel()
    return array.reshape(()) if kind == SCALAR else array


def in_file(shape: Shape, kind: str) -> Shape:
    """The shape in the file of a variable of this shape."""
    if kind == KERNEL:
        return (*shape[:2:-1], *shape[:3])
    if kind == POINTWISE:
        return (*shape[::-1], 1, 1, 1)
    return (1,) if kind == SCALAR else shape
