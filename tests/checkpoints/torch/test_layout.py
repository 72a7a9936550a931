"""Axes of PyTorch's arrays and of ours."""

import numpy as np
import pytest

from ssagan_jax.checkpoints.torch import layout
from ssagan_jax.checkpoints.torch.names import KERNEL, POINTWISE, REST, SCALAR, VECTOR

CASES = {
    KERNEL: ((7, 5, 2, 3, 4), (2, 3, 4, 5, 7)),
    POINTWISE: ((7, 5, 1, 1, 1), (5, 7)),
    VECTOR: ((7,), (7,)),
    SCALAR: ((1,), ()),
}


@pytest.mark.parametrize("kind", CASES)
def test_shapes(kind):
    theirs, ours = CASES[kind]
    array = np.arange(np.prod(theirs)).reshape(theirs)
    assert layout.to_ours(array, kind).shape == ours
    assert layout.in_file(ours, kind) == theirs


def test_a_kernel_keeps_its_values():
    array = np.arange(7 * 5 * 2 * 3 * 4).reshape(7, 5, 2, 3, 4)
    ours = layout.to_ours(array, KERNEL)
    assert ours[1, 2, 3, 4, 6] == array[6, 4, 1, 2, 3]


def test_a_spectral_vector_runs_over_the_kernel():
    """PyTorch flattens [out, (in, t, h, w)], we [(t, h, w, in), out]: products stay the same."""
    draw = np.random.default_rng(0)
    kernel, v = draw.normal(size=(7, 5, 2, 3, 4)), draw.normal(size=5 * 2 * 3 * 4)
    ours = layout.to_ours(kernel, KERNEL)
    there = kernel.reshape(7, -1) @ v
    here = layout.to_ours(v, REST, ours.shape) @ ours.reshape(-1, 7)
    np.testing.assert_allclose(here, there)
    assert layout.in_file(v.shape, REST) == v.shape
