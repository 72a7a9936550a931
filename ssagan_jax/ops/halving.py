"""3-D convolutions that halve an image, and their transposes: the fast form of `ops/conv.py`.

Three operations which are linear in both arguments

    convolve(x, w) -> y     transpose(y, w) -> x     weight_gradient(x, y) -> w

are written here with matrix products and 2-D convolutions. The gradients of each
one are the other two, so derivatives of any order (a gradient penalty needs the
second) stay fast. They are exact: only the order of summation differs from lax.

A kernel is [taps, 4, 4, c, o], with stride 2 and padding 1 in space; in time either the
same with four taps, or any odd number of taps that keeps the length. x is
[b, t, 2h, 2w, c], y is [b, t / stride, h, w, o]; stride and padding are those of time.

The batch axis is never looped over or split, and the weight gradient contracts it
in matrix products, so a batch sharded over devices stays sharded under `jax.jit`.

In bfloat16 each of the three sums its products in float32 and rounds once, at the end.
"""

from functools import partial
from math import prod

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

_AXES_2D = ("NHWC", "HWIO", "NHWC")

# Up to this many channels, one convolution with all temporal taps side by side in the
# channels beats one convolution per tap (measured on two CPU cores).
_FEW_CHANNELS = 4
# Up to this many output positions, rearranging the kernel costs more than the products.
_FEW_POSITIONS = 256


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def convolve(
    x: Float[Array, "b t h w c"], kernel: Float[Array, "taps 4 4 c o"], stride: int, padding: int
) -> Float[Array, "b t_out h_out w_out o"]:
    """y: one strided 2-D convolution per temporal tap, frames folded into the batch."""
    frames = _frames_of_taps(x, len(kernel), stride, padding)
    if x.shape[-1] > _FEW_CHANNELS:
        y = sum(_conv2d(f, k, 2, 1) for f, k in zip(frames, kernel, strict=True))
        return y.astype(x.dtype)
    kernel = jnp.moveaxis(kernel, 0, 2).reshape(4, 4, -1, kernel.shape[-1])
    return _conv2d(jnp.concatenate(frames, -1), kernel, 2, 1).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def transpose(
    y: Float[Array, "b t h w o"], kernel: Float[Array, "taps 4 4 c o"], stride: int, padding: int
) -> Float[Array, "b t_out h_out w_out c"]:
    """x: all taps and pixel phases as channels of one 2 x 2 convolution, then unfolded."""
    taps = len(kernel)
    if prod(y.shape[:4]) <= _FEW_POSITIONS:
        spread = _spread_by_product(y, kernel)
    else:
        spread = _conv2d(y, _subpixel_kernel(kernel), 1, 1)
    by_tap = jnp.split(spread, taps, axis=-1)
    frames = []
    for phase in range(stride):  # x[stride * m + phase] sums y[m + shift] over some taps
        shifts = [(phase + padding - tap) / stride for tap in range(taps)]
        parts = [_shift(z, int(s)) for z, s in zip(by_tap, shifts, strict=True) if s == int(s)]
        frames.append(_depth_to_space(sum(parts).astype(y.dtype)))
    return jnp.stack(frames, 2).reshape(len(y), -1, *frames[0].shape[2:])


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _weight_gradient(x, y, taps, stride, padding):
    """kernel: matrix products over all positions of the batch."""
    c, o = x.shape[-1], y.shape[-1]
    frames = _frames_of_taps(_space_to_depth(x), taps, stride, padding)
    if c <= _FEW_CHANNELS or prod(y.shape[:4]) <= _FEW_POSITIONS:
        products = jnp.stack([_products_by_corner(f, y) for f in frames])
        products = products.reshape(taps, 2, 2, 2, 2, c, o)  # tap, corner, phase, channels
        kernel = products.transpose(0, 1, 3, 2, 4, 5, 6).reshape(taps, 4, 4, c, o)
        return kernel.astype(x.dtype)
    products = _products_by_tap(frames, y)
    products = products.reshape(taps, 2, 2, o, 2, 2, c)  # tap, corner, o, phase, c
    kernel = products.transpose(0, 1, 4, 2, 5, 6, 3).reshape(taps, 4, 4, c, o)
    return kernel.astype(x.dtype)


def _convolve_forward(x, kernel, stride, padding):
    return convolve(x, kernel, stride, padding), (x, kernel)


def _convolve_backward(stride, padding, saved, dy):
    x, kernel = saved
    dx = transpose(dy, kernel, stride, padding)
    return dx, _weight_gradient(x, dy, len(kernel), stride, padding)


def _transpose_forward(y, kernel, stride, padding):
    return transpose(y, kernel, stride, padding), (y, kernel)


def _transpose_backward(stride, padding, saved, dx):
    y, kernel = saved
    dy = convolve(dx, kernel, stride, padding)
    return dy, _weight_gradient(dx, y, len(kernel), stride, padding)


def _weight_gradient_forward(x, y, taps, stride, padding):
    return _weight_gradient(x, y, taps, stride, padding), (x, y)


def _weight_gradient_backward(taps, stride, padding, saved, dkernel):
    x, y = saved
    return transpose(y, dkernel, stride, padding), convolve(x, dkernel, stride, padding)


convolve.defvjp(_convolve_forward, _convolve_backward)
transpose.defvjp(_transpose_forward, _transpose_backward)
_weight_gradient.defvjp(_weight_gradient_forward, _weight_gradient_backward)


def _einsum(equation, a, b):
    """A product of two arrays of one dtype, summed in float32 at least."""
    return jnp.einsum(equation, a, b, preferred_element_type=_sum_dtype(a))


def _sum_dtype(x):
    return jnp.promote_types(x.dtype, jnp.float32)


def _conv2d(frames, kernel, stride, padding):
    """A square 2-D convolution of every frame of [b, t, h, w, c], in float32 at least."""
    b, t = frames.shape[:2]
    y = lax.conv_general_dilated(
        frames.reshape(b * t, *frames.shape[2:]),
        kernel,
        (stride, stride),
        [(padding, padding)] * 2,
        dimension_numbers=_AXES_2D,
        preferred_element_type=_sum_dtype(frames),
    )
    return y.reshape(b, t, *y.shape[1:])


def _frames_of_taps(x, taps, stride, padding):
    """For each temporal tap, the frames of `x` that it meets (zeros beyond the ends)."""
    x = jnp.pad(x, ((0, 0), (padding, padding), (0, 0), (0, 0), (0, 0)))
    last = x.shape[1] - taps
    return [x[:, tap : tap + last + 1 : stride] for tap in range(taps)]


def _shift(y, by):
    """`result[:, m] = y[:, m + by]`, zeros beyond the ends."""
    edges = (max(-by, 0), max(by, 0))
    y = jnp.pad(y, ((0, 0), edges, (0, 0), (0, 0), (0, 0)))
    return y[:, edges[1] : y.shape[1] - edges[0]]


def _subpixel_kernel(kernel):
    """[taps, 4, 4, c, o] to the [2, 2, o, taps * 4 * c] that makes 2 x 2 pixels at once.

    Along an axis, the window (y[m - 1], y[m]) decides the pixels 2m - 1, by the taps
    (2, 0), and 2m, by the taps (3, 1).
    """
    taps, _, _, c, o = kernel.shape
    kernel = kernel.reshape(taps, 2, 2, 2, 2, c, o)[:, ::-1, :, ::-1]  # window, phase, twice
    return kernel.transpose(1, 3, 6, 0, 2, 4, 5).reshape(2, 2, o, -1)


def _spread_by_product(y, kernel):
    """The convolution of `y` padded by one pixel with `_subpixel_kernel(kernel)`."""
    taps, _, _, c, o = kernel.shape
    z = _einsum("po,ko->pk", y.reshape(-1, o), kernel.reshape(-1, o))
    z = z.reshape(*y.shape[:4], taps, 2, 2, 2, 2, c)
    z = sum(_pad_corner(z[:, :, :, :, :, i, :, j], i, j) for i in (0, 1) for j in (0, 1))
    return z.reshape(*z.shape[:4], -1)


def _products_by_corner(x, y):
    """[4, c, o]: the products of `y` and `x`, at its place and the next, along h and w.

    Of matrices: with more axes, XLA's CPU backend transposes `x` first, which takes ten times
    as long as the product.
    """
    h, w, o = y.shape[2:]
    windows = [x[:, :, i : i + h, j : j + w] for i in (0, 1) for j in (0, 1)]
    rows = [window.reshape(-1, x.shape[-1]) for window in windows]
    return jnp.stack([_einsum("pc,po->co", each, y.reshape(-1, o)) for each in rows])


def _products_by_tap(frames, y):
    """[taps, 4 o, c]: the same, for `y` with many positions and channels (moved, not `x`)."""
    y = jnp.moveaxis(y, -1, 0)
    corners = [((0, 0),) * 3 + ((i, 1 - i), (j, 1 - j)) for i in (0, 1) for j in (0, 1)]
    rows = jnp.concatenate([jnp.pad(y, corner) for corner in corners])
    rows = rows.reshape(len(rows), -1)
    return jnp.stack([_einsum("rp,pc->rc", rows, f.reshape(-1, f.shape[-1])) for f in frames])


def _pad_corner(z, i, j):
    """[b, t, h, w, ...] to [b, t, h + 1, w + 1, ...], at the place (i, j) in it."""
    return jnp.pad(z, ((0, 0), (0, 0), (i, 1 - i), (j, 1 - j)) + ((0, 0),) * (z.ndim - 4))


def _depth_to_space(z):
    """[b, t, h + 1, w + 1, 4 c] to [b, t, 2h, 2w, c]; the outermost pixels are padding."""
    b, t, h, w, c = z.shape
    z = z.reshape(b, t, h, w, 2, 2, c // 4).transpose(0, 1, 2, 4, 3, 5, 6)
    return z.reshape(b, t, 2 * h, 2 * w, c // 4)[:, :, 1:-1, 1:-1]


def _space_to_depth(x):
    """[b, t, 2h, 2w, c] to [b, t, h + 1, w + 1, 4 c], after padding by one pixel."""
    x = jnp.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1), (0, 0)))
    b, t, h, w, c = x.shape
    x = x.reshape(b, t, h // 2, 2, w // 2, 2, c).transpose(0, 1, 2, 4, 3, 5, 6)
    return x.reshape(b, t, h // 2, w // 2, 4 * c)
