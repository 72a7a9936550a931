"""Normalisation of activations, by name."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import DEFAULT, Compute
from ssagan_jax.models.layers.initializers import scale_initializer
from ssagan_jax.ops.collectives import axis_size, pmean
from ssagan_jax.ops.repeated_frames import Repeats, count_positions, frame_weights

EPSILON = 1e-5
CHAINER_EPSILON = 2e-5
MOMENTUM = 0.9  # of the running statistics (PyTorch writes 0.1 for the same)


class BatchNorm(nn.Module):
    """Batch normalisation by PyTorch's rule.

    Training mode normalises by the batch's mean and biased variance and moves the running
    statistics (collection ``batch_stats``: ``mean``, ``var``) by 0.1 towards the batch's mean
    and *unbiased* variance, which linen's module does not. The batch is that of all devices
    (``compute.axis_names``). Of repeated frames (``ops.repeated_frames``) each counts as often as
    it occurs.

    Attributes:
      epsilon: added to the variance.
      use_bias: whether an offset is learned (TGAN has none in places).
      chainer: as in Chainer 2: epsilon is 2e-5, which running variances have in them, gains start
        at 1, running variances at 0.
    """

    epsilon: float = EPSILON
    use_bias: bool = True
    chainer: bool = False
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: Float[Array, "b *grid c"], *, train: bool, repeats: Repeats = None
    ) -> Float[Array, "b *grid c"]:
        channels = x.shape[-1]
        epsilon = CHAINER_EPSILON if self.chainer else self.epsilon
        first = jnp.zeros if self.chainer else jnp.ones
        gains = nn.initializers.ones if self.chainer else scale_initializer(self.compute.draw)
        mean = self.variable("batch_stats", "mean", jnp.zeros, (channels,))
        var = self.variable("batch_stats", "var", first, (channels,))
        scale = self.param("scale", gains, (channels,))
        bias = self.param("bias", nn.initializers.zeros, (channels,)) if self.use_bias else 0.0
        if not train:
            return _affine(x, mean.value, var.value, scale, bias, epsilon)
        axes, devices = tuple(range(x.ndim - 1)), self.compute.axis_names
        positions = count_positions(x.size // channels, repeats) * axis_size(devices)
        batch_mean, batch_var = _moments(x, repeats, lambda x: pmean(jnp.mean(x, axes), devices))
        if not self.is_initializing():
            seen = batch_var + epsilon if self.chainer else batch_var
            unbiased = seen * (positions / max(positions - 1, 1))
            mean.value = MOMENTUM * mean.value + (1 - MOMENTUM) * batch_mean
            var.value = MOMENTUM * var.value + (1 - MOMENTUM) * unbiased
        return _affine(x, batch_mean, batch_var, scale, bias, epsilon)


def _moments(x, repeats, average):
    """``average``, which is over axes that include time, and biased variance, in float32."""
    share, x = frame_weights(repeats), x.astype(jnp.float32)
    mean = average(x * share)
    return mean, average(jnp.square(x - mean) * share)


def _affine(x, mean, var, scale, bias, epsilon):
    """(x - mean) / sqrt(var + epsilon) * scale + bias."""
    gain = scale * jax.lax.rsqrt(var + epsilon)
    return ((x - mean) * gain + bias).astype(x.dtype)


class SampleNorm(nn.Module):
    """Normalises every clip by its own statistics (no running ones, no batch).

    Attributes:
      axes: the axes averaged over: time and space (instance norm), or channels too (layer norm).
      epsilon: added to the variance.
    """

    axes: tuple[int, ...]
    epsilon: float = EPSILON
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, x: Float[Array, "b t h w c"], *, train: bool, repeats: Repeats = None
    ) -> Float[Array, "b t h w c"]:
        scale = self.param("scale", scale_initializer(self.compute.draw), (x.shape[-1],))
        bias = self.param("bias", nn.initializers.zeros, (x.shape[-1],))
        mean, var = _moments(x, repeats, partial(jnp.mean, axis=self.axes, keepdims=True))
        return _affine(x, mean, var, scale, bias, self.epsilon)


class NoNorm(nn.Module):
    """Leaves the activations as they are."""

    def __call__(
        self, x: Float[Array, "b t h w c"], *, train: bool, repeats: Repeats = None
    ) -> Float[Array, "b t h w c"]:
        return x


NORMS: dict[str, Callable[..., nn.Module]] = {
    "batch": BatchNorm,
    "instance": partial(SampleNorm, (1, 2, 3)),
    "layer": partial(SampleNorm, (1, 2, 3, 4)),
    "none": lambda epsilon, compute: NoNorm(),
    "chainer": partial(BatchNorm, chainer=True),
}


def make_norm(norm: str, *, epsilon: float = EPSILON, compute: Compute = DEFAULT) -> nn.Module:
    """The normalisation called ``norm``.

    Raises:
      ValueError: for an unknown name.
    """
    if norm not in NORMS:
        raise ValueError(f'Unknown norm "{norm}". Known: {", ".join(NORMS)}.')
    return NORMS[norm](epsilon=epsilon, compute=compute)
