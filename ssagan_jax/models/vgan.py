"""VGAN (Vondrick et al. 2016), conditional: a moving foreground over a still background.

Layers, initial values and epsilons as in the released Torch code (videogan, main_conditional.lua),
which is 64 x 64 x 32. Convolutions have a bias where no batch norm follows: the code has one
everywhere, but a batch norm takes it out again. Parameters at that size: 68.2 M and 44.1 M.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.conv import Conv, ConvBlock
from ssagan_jax.models.layers.image import DEEPEST, ImageDecoder, ImageEncoder, widths
from ssagan_jax.models.layers.pyramid import (
    SMALLEST,
    Convolution,
    Level,
    check_frames,
    time_left,
)
from ssagan_jax.ops.clip import check_clip, check_photo
from ssagan_jax.types import Clip, Frame, Generated, Judged

EPSILON = 1e-3  # of the batch norms in the encoder and the discriminator
INITIALIZER = "narrow"


def levels(size: int, frames: int, features: int) -> tuple[Level, ...]:
    """The 3-D convolutions of either network, shallow to deep, down to 4 x 4 pixels.

    The deepest ones halve space and time, until 2 frames are left; those before them, if any,
    halve space only. As published (64 x 64 x 32) all four halve both; 128 pixels have one more
    in front of these. Channels: ``layers.image.widths``.

    Raises:
      ValueError: for a size or a number of frames outside ``pyramid.SIZES`` and ``FRAMES``.
    """
    check_frames(frames)
    channels = widths(size, features)
    keep = max(0, len(channels) - (frames.bit_length() - 2))
    space, both = ((3, 4, 4), (1, 2, 2)), ((4, 4, 4), (2, 2, 2))
    return tuple(Level(c, *(space if i < keep else both)) for i, c in enumerate(channels))


class Generator(nn.Module):
    """clip = mask * foreground + (1 - mask) * background.

    A 2-D encoder of the photo feeds two streams: 2-D deconvolutions to one background picture,
    and 3-D ones to the moving foreground and its mask. No noise enters.
    ``extras``: ``mask`` [b t h w 1] in [0, 1], ``foreground`` [b t h w 3] and
    ``background`` [b h w 3] in [-1, 1].

    Attributes:
      size: pixels a side: 32, 64 (published), 128 or 256.
      frames: of the clip: 8, 16, 32 or 64.
      features: channels of the shallowest level at 64 pixels; the deepest has 8 times as many.

    Raises:
      ValueError: for another size or number of frames, or a photo of another size.
    """

    size: int = 128
    frames: int = 32
    features: int = 128
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        levels(self.size, self.frames, self.features)

    @nn.compact
    def __call__(self, frame: Frame, *, train: bool) -> Generated:
        check_photo(frame, size=self.size)
        encoder = ImageEncoder(
            self.features,
            initializer=INITIALIZER,
            epsilon=EPSILON,
            compute=self.compute,
            name="encoder",
        )
        code = encoder(frame, train=train)
        background = ImageDecoder(
            self.size,
            self.features,
            initializer=INITIALIZER,
            compute=self.compute,
            name="background",
        )
        still = jnp.tanh(background(code, train=train))
        foreground, mask = self._foreground(code, train)
        return Generated(
            clip=mask * foreground + (1.0 - mask) * still[:, None],
            extras={"mask": mask, "foreground": foreground, "background": still},
        )

    def _foreground(self, code, train):
        """The moving clip and its mask, from the photo's [b 4 4 c] code."""
        ladder = levels(self.size, self.frames, self.features)
        lift = ((time_left(self.frames, ladder), 1, 1), (1, 1, 1), (0, 0, 0))
        x = self._up(DEEPEST * self.features, lift, "lift")(code[:, None], train=train)
        for number in range(len(ladder) - 1, 0, -1):
            wanted = ladder[number - 1].features
            x = self._up(wanted, ladder[number].convolution, f"up{len(ladder) - number}")(
                x, train=train
            )
        # The two heads as one convolution: three channels of colour, one of mask.
        heads = Conv(
            4,
            *ladder[0].convolution,
            transpose=True,
            spectral_norm=False,
            initializer=INITIALIZER,
            bias=True,
            compute=self.compute,
            name="heads",
        )(x, train=train)
        return jnp.tanh(heads[..., :3]), jax.nn.sigmoid(heads[..., 3:])

    def _up(self, features: int, convolution: Convolution, name: str) -> ConvBlock:
        return ConvBlock(
            features,
            *convolution,
            transpose=True,
            slope=0.0,
            spectral_norm=False,
            initializer=INITIALIZER,
            compute=self.compute,
            name=name,
        )


class Discriminator(nn.Module):
    """Scores a clip: real (high) or generated (low).

    The last convolution has two outputs, "real" and "generated"; the published loss is their
    softmax cross-entropy. The logit returned is the first minus the second: on it, the
    ``vanilla`` losses are exactly that cross-entropy, since softplus(g - r) =
    -log(e^r / (e^r + e^g)).

    Attributes:
      size, frames, features: as the generator's.

    Raises:
      ValueError: for another size or number of frames, or a clip of another shape.
    """

    size: int = 128
    frames: int = 32
    features: int = 128
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        levels(self.size, self.frames, self.features)

    @nn.compact
    def __call__(self, clip: Clip, *, train: bool) -> Judged:
        check_clip(clip, frames=self.frames, size=self.size)
        ladder = levels(self.size, self.frames, self.features)
        common: dict[str, Any] = dict(
            spectral_norm=False, initializer=INITIALIZER, compute=self.compute
        )
        x, features = clip, []
        for number, level in enumerate(ladder, 1):
            first = number == 1
            x = ConvBlock(
                level.features,
                *level.convolution,
                norm="none" if first else "batch",
                bias=first,
                epsilon=EPSILON,
                name=f"down{number}",
                **common,
            )(x, train=train)
            features.append(x)
        whole = (time_left(self.frames, ladder), SMALLEST, SMALLEST)
        classes = Conv(2, whole, bias=True, name="output", **common)(x, train=train)
        real, generated = classes[:, 0, 0, 0, :1], classes[:, 0, 0, 0, 1:]
        return Judged(logits=real - generated, features=tuple(features))
