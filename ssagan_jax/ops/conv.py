"""3-D convolution and its transpose, in a form that is fast on the CPU, and on TPUs.

XLA's CPU backend has fast kernels for matrix products and 2-D convolutions, but
runs transposed 3-D convolutions and every gradient of a 3-D convolution in a plain
loop, often fifty times slower. The layers of video GANs need none of that: they
halve or double the image (`ops/halving.py`), or see all of it at once (a matrix product).

XLA for TPUs moves the 3-D convolutions of images, which have three channels, through layouts that
take longer than the arithmetic, and its compiler ends in a stack overflow for v6e; by its own
estimates the fast form takes less time over a whole step (docs/scaling.md; no TPU has run it).
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from ssagan_jax.ops import halving

IMPLEMENTATIONS = ("auto", "lax", "fast")
Triple = tuple[int, int, int]

_AXES_3D = ("NDHWC", "DHWIO", "NDHWC")

# Where "auto" is the fast form.
_FAST_ON = ("cpu", "tpu")


def conv3d(
    x: Float[Array, "b t h w c_in"],
    kernel: Float[Array, "kt kh kw kernel_in c_out"],
    *,
    strides: Triple,
    padding: Triple,
    implementation: str = "auto",
    platform: str | None = None,
) -> Float[Array, "b t_out h_out w_out c_out"]:
    """Convolves over time, height and width.

    Each axis of size `n` becomes `(n + 2 p - k) // s + 1`, as in PyTorch's `Conv3d`
    (whose weight, transposed by (2, 3, 4, 1, 0), is the kernel).

    Args:
      x: the input, channels last.
      kernel: the weights.
      strides: steps along t, h, w.
      padding: zeros on either side of t, h, w.
      implementation: "lax" is `lax.conv_general_dilated`; "fast" the form described
        above (reverse-mode derivatives only) where the layer has one, else lax;
        "auto" is "fast" on CPUs and TPUs and "lax" on GPUs.
      platform: what "auto" goes by: "cpu", "gpu" or "tpu"; None: that of this process.

    Raises:
      ValueError: the channels do not fit, or the implementation is unknown.
    """
    _check(x, kernel, kernel.shape[3], implementation)
    form = _form(x.shape[1:4], kernel.shape[:3], strides, padding, implementation, platform)
    if form == "pointwise":
        return x @ kernel[0, 0, 0]
    if form == "dense":
        rows = kernel.reshape(-1, kernel.shape[-1])
        y = jnp.einsum("bk,ko->bo", x.reshape(len(x), -1), rows)
        return y[:, None, None, None]
    if form == "halving":
        return halving.convolve(x, kernel, strides[0], padding[0])
    return lax.conv_general_dilated(
        x, kernel, strides, [(p, p) for p in padding], dimension_numbers=_AXES_3D
    )


def conv3d_transpose(
    y: Float[Array, "b t h w c_in"],
    kernel: Float[Array, "kt kh kw c_out kernel_in"],
    *,
    strides: Triple,
    padding: Triple,
    implementation: str = "auto",
    platform: str | None = None,
) -> Float[Array, "b t_out h_out w_out c_out"]:
    """The adjoint of `conv3d` in its input: <conv3d(x), y> = <x, conv3d_transpose(y)>.

    The kernel is that of the convolution it transposes: the channels of `y` come
    last. Each axis of size `n` becomes `(n - 1) s - 2 p + k`, as in PyTorch's
    `ConvTranspose3d` (whose weight, transposed by (2, 3, 4, 1, 0), is the kernel).
    Arguments and errors as for `conv3d`.
    """
    _check(y, kernel, kernel.shape[4], implementation)
    sizes = zip(y.shape[1:4], kernel.shape[:3], strides, padding, strict=True)
    size = tuple((n - 1) * s - 2 * p + k for n, k, s, p in sizes)
    form = _form(size, kernel.shape[:3], strides, padding, implementation, platform)
    if form == "pointwise":
        return y @ kernel[0, 0, 0].T
    if form == "dense":
        rows = kernel.reshape(-1, kernel.shape[-1])
        x = jnp.einsum("bo,ko->bk", y[:, 0, 0, 0], rows)
        return x.reshape(len(y), *kernel.shape[:-1])
    if form == "halving":
        return halving.transpose(y, kernel, strides[0], padding[0])
    return _lax_transpose(y, kernel, strides, padding)


def _check(x, kernel, kernel_channels, implementation):
    if implementation not in IMPLEMENTATIONS:
        known = ", ".join(IMPLEMENTATIONS)
        raise ValueError(f'Unknown convolution "{implementation}". Available: {known}.')
    if x.shape[-1] != kernel_channels:
        raise ValueError(
            f"The input has {x.shape[-1]} channels (shape {x.shape}), but the kernel of shape "
            f"{kernel.shape} expects {kernel_channels}. Axes are b t h w c and t h w in out; "
            "a transposed convolution takes the kernel of the convolution that it transposes."
        )


def _form(
    size: Any, kernel: Any, strides: Any, padding: Any, implementation: str, platform: str | None
) -> str:
    """The form of a convolution from `size`: "pointwise", "dense", "halving" or "lax"."""
    if implementation == "auto":
        implementation = "fast" if (platform or jax.default_backend()) in _FAST_ON else "lax"
    if implementation == "lax":
        return "lax"
    if padding == (0, 0, 0) and kernel == size:
        return "dense"
    if padding == (0, 0, 0) and kernel == strides == (1, 1, 1):
        return "pointwise"
    axes = zip(size, kernel, strides, padding, strict=True)
    time, *space = [(k, s, p) == (4, 2, 1) and n % 2 == 0 for n, k, s, p in axes]
    keeps_time = strides[0] == 1 and kernel[0] == 2 * padding[0] + 1
    return "halving" if all(space) and (time or keeps_time) else "lax"


def _lax_transpose(y, kernel, strides, padding):
    """Convolves `y`, spread out by the strides, with the mirrored kernel."""
    edges = [(k - 1 - p,) * 2 for k, p in zip(kernel.shape[:3], padding, strict=True)]
    mirrored = kernel[::-1, ::-1, ::-1].swapaxes(3, 4)
    return lax.conv_general_dilated(
        y, mirrored, (1, 1, 1), edges, lhs_dilation=strides, dimension_numbers=_AXES_3D
    )
