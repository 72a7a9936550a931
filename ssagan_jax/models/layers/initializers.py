"""Initial values of kernels.

``normal`` is what the paper's code asks for: N(0, 0.02) for every convolution.
``author`` is what that code does in effect on a GPU: spectrally normalised
kernels keep PyTorch's default, uniform on +-1/sqrt(fan_in), because the
N(0, 0.02) draw never reaches them; all others are N(0, 0.02).
``narrow`` is N(0, 0.01), as in VGAN's code.
``uniform`` is uniform on +-0.01, as in TGAN's code.
"""

import math

from flax import linen as nn

from ssagan_jax.models.layers.pooled_initialization import Draw, draw_by_key

INITIALIZERS = ("normal", "author", "narrow", "uniform")


def uniform_fan_in(fan_in: int, draw: Draw = draw_by_key) -> nn.initializers.Initializer:
    """PyTorch's default for convolutions: uniform on +-1/sqrt(fan_in)."""
    return uniform(1.0 / math.sqrt(fan_in), draw)


def uniform(bound: float, draw: Draw = draw_by_key) -> nn.initializers.Initializer:
    """Uniform on +-bound (linen's own draws from 0 upwards)."""

    def initialise(key, shape, dtype=float):
        return bound * draw("uniform", key, shape, dtype)

    return initialise


def normal(deviation: float, draw: Draw = draw_by_key) -> nn.initializers.Initializer:
    """N(0, deviation), the standard deviation."""

    def initialise(key, shape, dtype=float):
        return deviation * draw("normal", key, shape, dtype)

    return initialise


def kernel_initializer(
    initializer: str, *, fan_in: int, spectral_norm: bool, draw: Draw = draw_by_key
) -> nn.initializers.Initializer:
    """The initialiser of one convolution kernel.

    Args:
      initializer: ``normal``, ``author``, ``narrow`` or ``uniform`` (see the module's text).
      fan_in: PyTorch's fan-in of the kernel (output channels x taps for a transposed one).
      spectral_norm: whether the kernel is spectrally normalised.
      draw: where the random numbers come from.

    Raises:
      ValueError: for another ``initializer``.
    """
    if initializer not in INITIALIZERS:
        raise ValueError(f'Unknown initializer "{initializer}". Known: {", ".join(INITIALIZERS)}.')
    if initializer == "author" and spectral_norm:
        return uniform_fan_in(fan_in, draw)
    if initializer == "uniform":
        return uniform(0.01, draw)
    return normal(0.01 if initializer == "narrow" else 0.02, draw)


def scale_initializer(draw: Draw = draw_by_key) -> nn.initializers.Initializer:
    """N(1, 0.02): batch-norm scales, as in the authors' code."""

    def initialise(key, shape, dtype=float):
        return 1.0 + 0.02 * draw("normal", key, shape, dtype)

    return initialise
