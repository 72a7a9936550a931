"""TGAN (Saito et al. 2017), given a photo: what stays and what moves have a latent each.

The published networks make 16 frames of 64 x 64 out of noise. Here the slow latent is an encoding
of the photo plus that noise, and each doubling of the frames adds one stage to the temporal
generator. Other sizes follow ``layers.image.widths``: 32 pixels take one stage of the image
generator and of the discriminator away at the full resolution, 128 pixels add one.

As in the authors' code: kernels start uniform on +-0.01; the discriminator's and the temporal
generator's batch norms have no offset. Left out are biases that change nothing: those that a
batch norm takes out again, and that of the score, which cancels in the Wasserstein loss. Batch
norms are ``batch``, PyTorch's, or ``chainer``, as in that code: it matters there, since the running
variance is what ``constrain`` compares gains with. The encoder, which is not theirs, has PyTorch's.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from flax.traverse_util import flatten_dict, unflatten_dict
from jaxtyping import Array, Float

from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.conv import Conv, ConvBlock
from ssagan_jax.models.layers.image import HALVE, ImageEncoder, widths
from ssagan_jax.models.layers.initializers import uniform
from ssagan_jax.models.layers.norm import BatchNorm
from ssagan_jax.models.layers.pyramid import SMALLEST, check_frames, check_size
from ssagan_jax.models.variables import Tree
from ssagan_jax.ops.clip import check_clip, check_photo, still
from ssagan_jax.ops.collectives import axis_size, local_rows
from ssagan_jax.ops.linalg import clip_singular_values
from ssagan_jax.types import Clip, Frame, Generated, Judged

KERNELS = dict(spectral_norm=False, initializer="uniform")
DOUBLE = ((4, 1, 1), (2, 1, 1), (1, 0, 0))  # kernel, strides, padding: twice the frames
SINGLE = ((1, 1, 1), (1, 1, 1), (0, 0, 0))  # as many
ENCODED = 4  # times ``features``: channels that the encoder starts with
SMALLEST_GAIN = 0.01  # of the discriminator's batch norms, times the standard deviation
NORMS = ("batch", "chainer")


class Generator(nn.Module):
    """One photo and noise in, a clip out; the noise is the stream ``noise``.

    Photo -> slow latent; slow latent -> a fast latent for each frame; both -> that frame.

    Attributes:
      size, frames: of the clip; as published, 64 (and 16).
      features: channels of the image generator's last hidden level at 64 pixels.
      latent: numbers in the slow latent and in each fast one.
      norm: batch norms: "batch" or "chainer".

    Raises:
      ValueError: for a size or a number of frames that no layer is made for, another norm, or a
        photo of another size.
    """

    size: int = 128
    frames: int = 32
    features: int = 32
    latent: int = 100
    norm: str = "batch"
    compute: Compute = Compute()

    draws_noise = True  # so that every clip gets its own: see animation.animator

    def __post_init__(self):
        super().__post_init__()
        check_size(self.size)
        check_frames(self.frames)
        _check_norm(self.norm)

    @nn.compact
    def __call__(self, frame: Frame, *, train: bool) -> Generated:
        check_photo(frame, size=self.size)
        compute, draw = self.compute, self.compute.draw
        encode = ImageEncoder(
            ENCODED * self.features, initializer="uniform", compute=compute, name="encoder"
        )
        encoded = encode(frame, train=train).reshape(len(frame), -1)
        dense = nn.Dense(self.latent, use_bias=False, kernel_init=uniform(0.01, draw), name="slow")
        slow = dense(encoded)
        shape = (axis_size(compute.axis_names) * len(slow), self.latent)
        noise = jax.random.uniform(self.make_rng("noise"), shape, minval=-1.0, maxval=1.0)
        slow += local_rows(noise, compute.axis_names)
        options: dict[str, Any] = dict(norm=self.norm, compute=compute)
        temporal = TemporalGenerator(
            self.frames, self.features, self.latent, **options, name="temporal"
        )
        image = ImageGenerator(self.size, self.features, **options, name="image")
        return Generated(clip=image(slow, temporal(slow, train=train), train=train))


class TemporalGenerator(nn.Module):
    """One slow latent in, a fast latent in [-1, 1] for each frame out.

    16, 8, 4, 4, ... times ``features`` channels while the frames double from 1.
    """

    frames: int
    features: int
    latent: int
    norm: str = "batch"
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, slow: Float[Array, "b z"], *, train: bool) -> Float[Array, "b t z"]:
        x, times = slow[:, None, None, None], 16
        kernels: dict[str, Any] = dict(**KERNELS, compute=self.compute)
        for number in range(self.frames.bit_length() - 1):
            shape = DOUBLE if number else SINGLE
            conv = Conv(
                times * self.features, *shape, transpose=True, name=f"up{number}", **kernels
            )
            norm = _batch_norm(self, use_bias=False, name=f"norm{number}")
            x = norm(conv(x, train=train), train=train)
            x, times = nn.relu(x), max(times // 2, 4)
        last = Conv(self.latent, *DOUBLE, transpose=True, bias=True, name="output", **kernels)
        return jnp.tanh(last(x, train=train)[:, :, 0, 0])


class ImageGenerator(nn.Module):
    """The slow latent and the fast latent of each frame in, those frames out."""

    size: int
    features: int
    norm: str = "batch"
    compute: Compute = Compute()

    @nn.compact
    def __call__(
        self, slow: Float[Array, "b z"], fast: Float[Array, "b t z"], *, train: bool
    ) -> Clip:
        *shallow, deepest = widths(self.size, self.features)
        stays = self._grid("slow", slow, deepest, train=train)
        moves = self._grid("fast", fast, deepest, train=train)
        x = jnp.concatenate([still(stays, frames=fast.shape[1]), moves], axis=-1)
        kernels: dict[str, Any] = dict(**KERNELS, norm=self.norm, compute=self.compute)
        for number, width in enumerate((deepest, *reversed(shallow)), 1):
            up = ConvBlock(width, *HALVE, transpose=True, slope=0.0, name=f"up{number}", **kernels)
            x = up(x, train=train)
        # A 2-D convolution of every frame: its gradient is faster than that of a 3-D one.
        kernel_init = uniform(0.01, self.compute.draw)
        return jnp.tanh(nn.Conv(3, (3, 3), kernel_init=kernel_init, name="output")(x))

    def _grid(self, name, latent, channels, *, train):
        """Latents [..., z] to grids of 4 x 4 pixels."""
        wanted = (SMALLEST, SMALLEST, channels)
        kernel_init = uniform(0.01, self.compute.draw)
        dense = nn.Dense(SMALLEST**2 * channels, use_bias=False, kernel_init=kernel_init, name=name)
        norm = _batch_norm(self, name=f"norm_{name}")
        x = nn.relu(norm(dense(latent), train=train))
        return x.reshape(*latent.shape[:-1], *wanted)


class Discriminator(nn.Module):
    """Scores a clip by halving convolutions down to 4 x 4 pixels, then one per frame left.

    Convolutions halve time as well as long as there is more than one frame: at 64 pixels, 16
    frames give one score (as published), 32 give two.

    Attributes:
      size, frames: of the clip.
      features: channels of the first level at 64 pixels.
      constrain_every: updates between two calls of ``constrain``.
      norm: batch norms: "batch" or "chainer".

    Raises:
      ValueError: when a field has a value it cannot have, or the clip another shape.
    """

    size: int = 128
    frames: int = 32
    features: int = 64
    constrain_every: int = 5
    norm: str = "batch"
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        check_size(self.size)
        check_frames(self.frames)
        _check_norm(self.norm)
        if self.constrain_every < 1:
            raise ValueError(
                f"constrain_every counts updates, from 1 on, not {self.constrain_every}."
            )

    @nn.compact
    def __call__(self, clip: Clip, *, train: bool) -> Judged:
        check_clip(clip, frames=self.frames, size=self.size)
        kernels: dict[str, Any] = dict(**KERNELS, compute=self.compute)
        x, features = clip, []
        for number, width in enumerate(widths(self.size, self.features), 1):
            shape = ((4, 4, 4), (2, 2, 2), (1, 1, 1)) if x.shape[1] > 1 else HALVE
            conv = Conv(width, *shape, bias=number == 1, name=f"down{number}", **kernels)
            x = conv(x, train=train)
            if number > 1:
                norm = _batch_norm(self, use_bias=False, name=f"norm{number}")
                x = norm(x, train=train)
            x = nn.leaky_relu(x, 0.2)
            features.append(x)
        output = Conv(1, (1, SMALLEST, SMALLEST), name="output", **kernels)
        logits = output(x, train=train).reshape(len(x), -1)
        return Judged(logits=logits, features=tuple(features))

    @nn.nowrap
    def constrain(self, params: Tree, stats: Tree) -> Tree:
        """Keeps the scores' slope bounded, in place of a gradient penalty (their section 3.3).

        No singular value of a kernel is above 1. A batch norm's gain is between 0.01 and 1 times
        the running standard deviation that it divides by. Nothing else changes.
        """
        params, stats = flatten_dict(params), flatten_dict(stats["batch_stats"])
        for path, value in params.items():
            if path[-1] == "kernel":
                params[path] = clip_singular_values(value)
            elif path[-1] == "scale":
                deviation = jnp.sqrt(stats[(*path[:-1], "var")])
                params[path] = jnp.clip(value, SMALLEST_GAIN * deviation, deviation)
        return unflatten_dict(params)


def _batch_norm(network: nn.Module, **fields: Any) -> BatchNorm:
    """One of a network's batch norms, of the kind that the network says."""
    return BatchNorm(chainer=network.norm == "chainer", compute=network.compute, **fields)


def _check_norm(norm: str) -> None:
    if norm not in NORMS:
        raise ValueError(f'norm must be one of {NORMS}, not "{norm}".')
