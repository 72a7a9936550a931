"""MD-GAN's 3-D discriminator, which SSA-GAN took over."""

import jax
from flax import linen as nn

from ssagan_jax.layers.conv import Conv, ConvBlock
from ssagan_jax.layers.norm import NORMS
from ssagan_jax.layers.pyramid import SMALLEST, levels, time_left
from ssagan_jax.types import Clip, Judged


class Discriminator(nn.Module):
    """Scores a clip: real (high) or generated (low).

    Halving convolutions down to 4 x 4 pixels, each followed by a norm (not the first) and a
    leaky ReLU, then one convolution over all that is left. It sees the clip only, whose first
    frame is the photo.

    Attributes:
      size, frames: of the clip: see ``layers.pyramid``.
      features: channels of the first level.
      norm: ``batch`` (paper), ``instance``, ``layer`` or ``none``.
      spectral_norm: on every convolution.
      last_slope: of the last leaky ReLU; the authors' code leaves it at PyTorch's 0.01.
      sigmoid: whether the scores are sigmoid outputs, as in the authors' code, or logits.
      initializer: see ``layers.initializers``.

    Raises:
      ValueError: when a field has a value it cannot have, or the clip another shape.
    """

    size: int = 128
    frames: int = 32
    features: int = 32
    norm: str = "batch"
    spectral_norm: bool = True
    last_slope: float = 0.2
    sigmoid: bool = False
    initializer: str = "normal"

    def __post_init__(self):
        super().__post_init__()
        levels(self.size, self.frames, self.features)
        if self.norm not in NORMS:
            raise ValueError(f'Unknown norm "{self.norm}". Known: {", ".join(NORMS)}.')

    @nn.compact
    def __call__(self, clip: Clip, *, train: bool) -> Judged:
        expected = (self.frames, self.size, self.size)
        if clip.shape[1:4] != expected:
            raise ValueError(
                f"The discriminator judges clips of {expected}, not {clip.shape[1:4]}."
            )
        ladder = levels(self.size, self.frames, self.features)
        common = dict(spectral_norm=self.spectral_norm, initializer=self.initializer)
        x, features = clip, []
        for number, level in enumerate(ladder, 1):
            x = ConvBlock(
                level.features,
                level.kernel,
                level.strides,
                level.padding,
                norm="none" if number == 1 else self.norm,
                slope=self.last_slope if number == len(ladder) else 0.2,
                name=f"down{number}",
                **common,
            )(x, train=train)
            features.append(x)
        kernel = (time_left(self.frames, ladder), SMALLEST, SMALLEST)
        logits = Conv(1, kernel, name="output", **common)(x, train=train)
        logits = logits.reshape(logits.shape[0], -1)
        return Judged(
            logits=jax.nn.sigmoid(logits) if self.sigmoid else logits, features=tuple(features)
        )
