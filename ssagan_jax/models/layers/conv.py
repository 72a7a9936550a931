"""3-D convolutions with spectral normalisation, and the U-Net's two kinds of block."""

import math
from functools import partial

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.initializers import kernel_initializer
from ssagan_jax.models.layers.norm import EPSILON as NORM_EPSILON
from ssagan_jax.models.layers.norm import make_norm
from ssagan_jax.ops.conv import conv3d, conv3d_transpose
from ssagan_jax.ops.repeated_frames import Repeats, convolve_transposed

EPSILON = 1e-12  # of PyTorch's spectral_norm
Skip = Float[Array, "b 3 h w c3"] | None


def normalise(vector: Float[Array, "..."]) -> Float[Array, "..."]:
    """The vector over its L2 norm (at least 1e-12, PyTorch's rule)."""
    return vector / jnp.maximum(jnp.linalg.norm(vector.ravel()), EPSILON)


class SpectralNorm(nn.Module):
    """Divides a kernel by an estimate of its largest singular value.

    PyTorch's rule exactly: the matrix is (output channels) x (the rest); one power
    iteration in each training-mode call, none in evaluation, where the stored vectors
    are used, and none while initialising; the vectors are constants for the gradient. They
    live in the collection ``spectral``: ``u`` [out] and ``v`` [the rest, in the kernel's order].

    Attributes:
      axis: the kernel's output-channel axis (-1; -2 for a transposed convolution).
    """

    axis: int = -1
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, kernel: Float[Array, "..."], *, train: bool) -> Float[Array, "..."]:
        axis = self.axis % kernel.ndim
        out, after = kernel.shape[axis], math.prod(kernel.shape[axis + 1 :])
        matrix = kernel.reshape(-1, out, after).astype(jnp.float32)
        u = self.variable("spectral", "u", self._draw, (out,))
        v = self.variable("spectral", "v", self._draw, (matrix.shape[0] * after,))
        if train and not self.is_initializing():
            constant = jax.lax.stop_gradient(matrix)
            v.value = normalise(_times_rows(constant, u.value)).ravel()
            u.value = normalise(_times_columns(constant, v.value))
        sigma = jnp.sum(_times_columns(matrix, v.value) * u.value)
        return kernel / sigma.astype(kernel.dtype)

    def _draw(self, shape):
        return normalise(self.compute.draw("normal", self.make_rng("params"), shape))


# The two products of a power iteration, of a kernel [a, out, b] as it lies in memory. Written with
# all three axes in one product, XLA's CPU backend transposes the kernel first.


def _times_rows(matrix, u):
    """[a, b]: the sum over the outputs of each times its part of ``u``."""
    if matrix.shape[-1] == 1:
        return matrix[..., 0] @ u[:, None]
    return jnp.einsum("ao,aob->ab", jnp.broadcast_to(u, (len(matrix), len(u))), matrix)


def _times_columns(matrix, v):
    """[out]: the sum over the rest of each times its part of ``v``."""
    if matrix.shape[-1] == 1:
        return v @ matrix[..., 0]
    return jnp.einsum("aob,ab->ao", matrix, v.reshape(len(matrix), -1)).sum(0)


class Conv(nn.Module):
    """A 3-D convolution, or its transpose, optionally spectrally normalised.

    Computed in the dtype of its input; the parameters, and their spectral norm, are float32.

    Attributes:
      features: output channels.
      kernel, strides, padding: (time, height, width); padding as in PyTorch.
      transpose: the transposed convolution; its kernel is [kt, kh, kw, out, in].
      spectral_norm: see ``SpectralNorm``.
      initializer: see ``layers.initializers``.
      bias: whether one is added; it starts at 0. The paper's networks have none.
    """

    features: int
    kernel: tuple[int, int, int]
    strides: tuple[int, int, int] = (1, 1, 1)
    padding: tuple[int, int, int] = (0, 0, 0)
    transpose: bool = False
    spectral_norm: bool = True
    initializer: str = "normal"
    bias: bool = False
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: Float[Array, "b t h w c"], repeated: Skip = None, *, train: bool
    ) -> Float[Array, "b t2 h2 w2 c2"]:
        """``repeated``: further channels of ``x``, as repeated frames (transposed convolutions)."""
        channels = (x.shape[-1] + (0 if repeated is None else repeated.shape[-1]), self.features)
        if self.transpose:
            channels = channels[::-1]
        initialise = kernel_initializer(
            self.initializer,
            fan_in=math.prod(self.kernel) * channels[0],
            spectral_norm=self.spectral_norm,
            draw=self.compute.draw,
        )
        kernel = self.param("kernel", initialise, (*self.kernel, *channels))
        if self.spectral_norm:
            norm = SpectralNorm(axis=-2 if self.transpose else -1, compute=self.compute)
            kernel = norm(kernel, train=train)
        apply = conv3d_transpose if self.transpose else conv3d
        apply = partial(
            apply, strides=self.strides, padding=self.padding, platform=self.compute.platform
        )
        kernel = kernel.astype(x.dtype)
        if repeated is None:
            y = apply(x, kernel)
        else:
            y = apply(x, kernel[..., : x.shape[-1]]) + convolve_transposed(
                lambda short: apply(short, kernel[..., x.shape[-1] :]),
                repeated,
                frames=x.shape[1],
                stride=self.strides[0],
            )
        if self.bias:
            y = y + self.param("bias", nn.initializers.zeros, (self.features,)).astype(y.dtype)
        return y


class ConvBlock(nn.Module):
    """(Transposed) convolution -> norm -> leaky ReLU: one level of either network.

    Attributes:
      norm: ``batch``, ``instance``, ``layer`` or ``none``.
      slope: of the leaky ReLU (0 is a ReLU); None leaves the activation out.
      bias: of the convolution; a batch norm after it would undo one.
      epsilon: of the norm.
    """

    features: int
    kernel: tuple[int, int, int]
    strides: tuple[int, int, int] = (1, 1, 1)
    padding: tuple[int, int, int] = (0, 0, 0)
    transpose: bool = False
    norm: str = "batch"
    slope: float | None = 0.2
    spectral_norm: bool = True
    initializer: str = "normal"
    bias: bool = False
    epsilon: float = NORM_EPSILON
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "b t h w c"],
        repeated: Skip = None,
        *,
        train: bool,
        repeats: Repeats = None,
    ) -> Float[Array, "b t2 h2 w2 c2"]:
        x = Conv(
            self.features,
            self.kernel,
            self.strides,
            self.padding,
            transpose=self.transpose,
            spectral_norm=self.spectral_norm,
            initializer=self.initializer,
            bias=self.bias,
            compute=self.compute,
        )(x, repeated, train=train)
        norm = make_norm(self.norm, epsilon=self.epsilon, compute=self.compute)
        x = norm(x, train=train, repeats=repeats)
        return x if self.slope is None else nn.leaky_relu(x, self.slope)
