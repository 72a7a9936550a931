"""Counted arithmetic against what it is by hand."""

from functools import partial

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from ssagan_jax.training import flops


def shape(*sizes):
    return jax.ShapeDtypeStruct(sizes, jnp.float32)


def convolve(x, kernel, **options):
    axes = ("NHWC", "HWIO", "NHWC")
    edges = [(0, 0), (0, 0)]
    return lax.conv_general_dilated(x, kernel, (1, 1), edges, dimension_numbers=axes, **options)


A, B = shape(2, 3), shape(3, 5)
X, KERNEL = shape(2, 6, 6, 4), shape(3, 3, 4, 7)
PRODUCT = 2 * 2 * 3 * 5
CONVOLUTION = 2 * (2 * 4 * 4 * 7) * (3 * 3 * 4)


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (jnp.matmul, (A, B), PRODUCT),
        (partial(jnp.einsum, "bij,bjk->bik"), (shape(4, 2, 3), shape(4, 3, 5)), 4 * PRODUCT),
        (convolve, (X, KERNEL), CONVOLUTION),
        # Spread to 11 x 11, nine of every 9 x 9 windows' products are a quarter not with zeros.
        (
            partial(convolve, lhs_dilation=(2, 2)),
            (X, KERNEL),
            2 * (2 * 9 * 9 * 7) * (3 * 3 * 4) // 4,
        ),
        (lambda a, b: jnp.tanh(a) + 1, (A, B), 0),
        (jax.jit(jnp.matmul), (A, B), PRODUCT),
        (jax.checkpoint(jnp.matmul), (A, B), PRODUCT),
        (lambda a, b: lax.map(lambda _: a @ b, jnp.arange(6)), (A, B), 6 * PRODUCT),
        (lambda a, b: lax.cond(a[0, 0] > 0, lambda: a @ b, lambda: a @ b + a @ b), (A, B), 120),
        (jax.value_and_grad(lambda a, b: (a @ b).sum(), (0, 1)), (A, B), 3 * PRODUCT),
    ],
)
def test_by_hand(function, arguments, expected):
    assert flops.count(function, *arguments) == expected
