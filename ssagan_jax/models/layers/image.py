"""Photos to a small grid of features and back: the 2-D halves of VGAN, TGAN and RNN-GAN.

Channels halve outwards from 8 x ``features`` at 4 x 4 pixels, so that a 64-pixel photo starts with
``features`` channels, as published, and every size has the same deepest layers. The convolutions
are 3-D ones of a single frame: on a CPU their transpose is fast in that form only.
"""

from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.conv import ConvBlock
from ssagan_jax.models.layers.norm import EPSILON
from ssagan_jax.models.layers.pyramid import SMALLEST, check_size

HALVE = ((1, 4, 4), (1, 2, 2), (0, 1, 1))  # kernel, strides, padding of a 2-D halving
DEEPEST = 8  # times ``features``: channels at 4 x 4 pixels


def widths(size: int, features: int) -> tuple[int, ...]:
    """Channels after each halving of a ``size`` x ``size`` photo down to 4 x 4, shallow to deep.

    Raises:
      ValueError: for a size outside ``pyramid.SIZES``.
    """
    check_size(size)
    stages = (size // SMALLEST).bit_length() - 1
    return tuple(max(1, DEEPEST * features >> i) for i in reversed(range(stages)))


class ImageEncoder(nn.Module):
    """Halving convolutions, each with batch norm (not the first) and a (leaky) ReLU.

    Attributes:
      features: channels of the first level at 64 pixels; 8 times as many come out.
      slope: of the leaky ReLU; 0 is a ReLU.
      initializer: see ``layers.initializers``.
      epsilon: of the batch norms.

    Raises:
      ValueError: for a photo whose size is not one of ``pyramid.SIZES``.
    """

    features: int
    slope: float = 0.0
    initializer: str = "normal"
    epsilon: float = EPSILON
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, frame: Float[Array, "b h w 3"], *, train: bool) -> Float[Array, "b 4 4 c"]:
        x = frame[:, None]
        for number, width in enumerate(widths(frame.shape[1], self.features), 1):
            first = number == 1
            x = ConvBlock(
                width,
                *HALVE,
                norm="none" if first else "batch",
                slope=self.slope,
                spectral_norm=False,
                initializer=self.initializer,
                bias=first,
                epsilon=self.epsilon,
                compute=self.compute,
                name=f"down{number}",
            )(x, train=train)
        return x[:, 0]


class ImageDecoder(nn.Module):
    """The encoder's mirror: doubling convolutions, batch norm and ReLU but for the last.

    Attributes:
      size: pixels a side of what comes out.
      features: channels of the last hidden level at 64 pixels.
      initializer: see ``layers.initializers``.

    Raises:
      ValueError: for a size that is not one of ``pyramid.SIZES``.
    """

    size: int
    features: int
    initializer: str = "normal"
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, x: Float[Array, "b 4 4 c"], *, train: bool) -> Float[Array, "b h w 3"]:
        x = x[:, None]
        wanted = (*widths(self.size, self.features)[-2::-1], 3)
        for number, width in enumerate(wanted, 1):
            last = number == len(wanted)
            x = ConvBlock(
                width,
                *HALVE,
                transpose=True,
                norm="none" if last else "batch",
                slope=None if last else 0.0,
                spectral_norm=False,
                initializer=self.initializer,
                bias=last,
                compute=self.compute,
                name=f"up{number}",
            )(x, train=train)
        return x[:, 0]
