"""RNN-GAN: the recurrent generator of Zhou and Berg (2016), and a judge of single frames.

Their details are not all in print, and MD-GAN's authors ran a version of their own. Taken here: the
DCGAN encoder, decoder and discriminator (Radford et al. 2015: kernels 4, N(0, 0.02)); between
encoder and decoder a convolutional LSTM on the 4 x 4 grid, which keeps places apart where a fully
connected one would mix them.
"""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.conv import ConvBlock
from ssagan_jax.models.layers.image import DEEPEST, HALVE, ImageDecoder, ImageEncoder, widths
from ssagan_jax.models.layers.initializers import normal
from ssagan_jax.models.layers.pyramid import SMALLEST, check_frames, check_size
from ssagan_jax.models.layers.recurrent import ConvLSTM
from ssagan_jax.ops.clip import check_clip, check_photo
from ssagan_jax.types import Clip, Frame, Generated, Judged

Code = Float[Array, "b 4 4 c"]
Carry = tuple[Frame, tuple[Code, Code]]  # the last frame; hidden state and cell


class Step(nn.Module):
    """One frame and the memory to the next frame and memory.

    Attributes:
      size, features: as the generator's.
      train: whether batch norm takes the batch's statistics.
    """

    size: int
    features: int
    train: bool
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, carry: Carry, _: None = None) -> tuple[Carry, Frame]:
        frame, memory = carry
        compute = self.compute
        encoder = ImageEncoder(self.features, slope=0.2, compute=compute, name="encoder")
        x = encoder(frame, train=self.train)
        cell = ConvLSTM(DEEPEST * self.features, compute=compute, name="cell")
        memory, hidden = cell(memory, x)
        decoder = ImageDecoder(self.size, self.features, compute=compute, name="decoder")
        frame = jnp.tanh(decoder(hidden, train=self.train))
        return (frame, memory), frame


class Generator(nn.Module):
    """Frame by frame: each one generated is the next step's input. Frame 0 is the photo itself.

    The ``frames - 1`` steps share their parameters. Batch norm's running statistics are kept for
    every step by itself (leaves [frames - 1, channels]; Cooijmans et al. 2017): the first step
    sees photos, later ones what was generated. Only each step's input is stored for the
    gradient, which goes through all steps; the rest is computed again.

    Attributes:
      size: pixels a side: 32, 64 (published), 128 or 256.
      frames: of the clip: 8, 16, 32 or 64.
      features: channels of the shallowest level at 64 pixels; the deepest has 8 times as many.

    Raises:
      ValueError: for another size or number of frames, or a photo of another size.
    """

    size: int = 128
    frames: int = 32
    features: int = 64
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        check_size(self.size)
        check_frames(self.frames)

    @nn.compact
    def __call__(self, frame: Frame, *, train: bool) -> Generated:
        check_photo(frame, size=self.size)
        steps = nn.scan(
            nn.remat(Step, prevent_cse=False),
            variable_broadcast="params",
            variable_axes={"batch_stats": 0},
            split_rngs={"params": False},
            length=self.frames - 1,
            out_axes=1,
        )(self.size, self.features, train, self.compute, name="step")
        _, later = steps((frame, self._empty(frame)), None)
        return Generated(clip=jnp.concatenate([frame[:, None], later], axis=1))

    def _empty(self, frame):
        """The memory before the first step."""
        grid = (len(frame), SMALLEST, SMALLEST, DEEPEST * self.features)
        return jnp.zeros(grid, frame.dtype), jnp.zeros(grid, frame.dtype)


class Discriminator(nn.Module):
    """Scores every frame by itself, the photo too: ``logits`` [b, t].

    The losses average over frames. Batch norm's statistics are those of all frames together.

    Attributes:
      size, frames: of the clip, as the generator's.
      features: channels of the shallowest level at 64 pixels.

    Raises:
      ValueError: for another size or number of frames, or a clip of another shape.
    """

    size: int = 128
    frames: int = 32
    features: int = 64
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        check_size(self.size)
        check_frames(self.frames)

    @nn.compact
    def __call__(self, clip: Clip, *, train: bool) -> Judged:
        check_clip(clip, frames=self.frames, size=self.size)
        x, features = clip, []
        for number, width in enumerate(widths(self.size, self.features), 1):
            first = number == 1
            x = ConvBlock(
                width,
                *HALVE,
                norm="none" if first else "batch",
                spectral_norm=False,
                bias=first,
                compute=self.compute,
                name=f"down{number}",
            )(x, train=train)
            features.append(x)
        return Judged(logits=_score(x, self.compute), features=tuple(features))


def _score(x: Float[Array, "b t h w c"], compute: Compute) -> Float[Array, "b t"]:
    """A convolution over the whole 4 x 4 grid of every frame."""
    flat = x.reshape(*x.shape[:2], -1)
    return nn.Dense(1, kernel_init=normal(0.02, compute.draw), name="output")(flat)[..., 0]
