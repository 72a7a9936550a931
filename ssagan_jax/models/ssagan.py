"""SSA-GAN's generator: a 3-D U-Net with self-attention after its convolutions (poster, fig. 2)."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.layers.attention import SelfAttention
from ssagan_jax.layers.conv import Conv, ConvBlock
from ssagan_jax.layers.pyramid import SMALLEST, levels, time_left
from ssagan_jax.ops.attention import LAYOUTS
from ssagan_jax.ops.clip import still
from ssagan_jax.types import Frame, Generated

SKIPS = ("concat", "sum")
OUTPUTS = ("direct", "residual")
ACTIVATIONS = {"none": None, "leaky_relu": 0.2}


class Generator(nn.Module):
    """One photo in, a clip out.

    Every down level is convolution -> batch norm -> leaky ReLU 0.2 -> attention (the first has
    neither norm nor activation in the authors' code); every up level is transposed convolution
    -> batch norm -> ReLU -> attention, joined with the attended output of the down level of its
    size. Between them a bottleneck takes the whole deepest grid to one position.

    Attributes:
      size: pixels a side: 32, 64, 128 or 256.
      frames: of the clip: 8, 16, 32 or 64.
      features: channels of the first level.
      skips: ``concat`` (paper) or ``sum`` (MD-GAN).
      attention: ``none``, ``per_frame``, ``shared`` or ``spatiotemporal``.
      attention_at: levels that have it: ``encoder``, ``decoder``, or single ones, counted from
        the photo inwards for the encoder and outwards for the decoder (``encoder1``,
        ``decoder5``), in any mixture.
      c_cal: reduction of the query and key channels.
      gate: see ``layers.attention.GATES``.
      spectral_norm: on every convolution but attention's.
      first_activation: after the first convolution: ``none`` (authors) or ``leaky_relu``.
      output: ``direct``: tanh. ``residual``: the photo plus tanh, clipped to [-1, 1].
      initializer: see ``layers.initializers``.

    Raises:
      ValueError: when a field has a value it cannot have, or the photo another size.
    """

    size: int = 128
    frames: int = 32
    features: int = 32
    skips: str = "concat"
    attention: str = "per_frame"
    attention_at: tuple[str, ...] = ("encoder", "decoder")
    c_cal: int = 1
    gate: str = "gamma"
    spectral_norm: bool = True
    first_activation: str = "none"
    output: str = "direct"
    initializer: str = "normal"

    def __post_init__(self):
        super().__post_init__()
        ladder = levels(self.size, self.frames, self.features)
        _check("skips", self.skips, SKIPS)
        _check("attention", self.attention, ("none", *LAYOUTS))
        _check("first_activation", self.first_activation, ACTIVATIONS)
        _check("output", self.output, OUTPUTS)
        sides = ("encoder", "decoder")
        numbered = [f"{side}{i + 1}" for side in sides for i in range(len(ladder))]
        for place in self.attention_at:
            _check("attention_at", place, (*sides, *numbered))

    @nn.compact
    def __call__(self, frame: Frame, *, train: bool) -> Generated:
        if frame.shape[1:3] != (self.size, self.size):
            raise ValueError(
                f"The generator animates photos of {self.size} x {self.size} pixels, not "
                f"{frame.shape[1]} x {frame.shape[2]}. Resize the photo or change `size`."
            )
        ladder = levels(self.size, self.frames, self.features)
        x = still(frame, frames=self.frames)
        attended = self._encode(x, ladder, train)
        x = self._decode(attended, ladder, train)
        change = jnp.tanh(x)
        if self.output == "direct":
            return Generated(clip=change)
        return Generated(clip=jnp.clip(frame[:, None] + change, -1.0, 1.0))

    def _encode(self, x, ladder, train):
        """The attended output of each down level, shallow to deep."""
        outputs = []
        for number, level in enumerate(ladder, 1):
            slope = ACTIVATIONS[self.first_activation] if number == 1 else 0.2
            norm = "none" if number == 1 else "batch"
            x = self._block(level, level.features, f"down{number}", norm=norm, slope=slope)(
                x, train=train
            )
            x = self._attend(x, "encoder", number, train)
            outputs.append(x)
        return outputs

    def _decode(self, skips, ladder, train):
        """The clip before tanh."""
        deepest = (time_left(self.frames, ladder), SMALLEST, SMALLEST)
        common = dict(spectral_norm=self.spectral_norm, initializer=self.initializer)
        width = ladder[-1].features
        x = Conv(width, deepest, name="bottleneck", **common)(skips[-1], train=train)
        up = ConvBlock(width, deepest, transpose=True, slope=0.0, name="up1", **common)
        x = self._attend(up(x, train=train), "decoder", 1, train)
        x = self._join(x, skips[-1], first=True)
        for number in range(2, len(ladder) + 1):
            level, wanted = ladder[-number + 1], ladder[-number].features
            up = self._block(level, wanted, f"up{number}", transpose=True, slope=0.0)
            x = self._attend(up(x, train=train), "decoder", number, train)
            x = self._join(x, skips[-number])
        last = ladder[0]
        last = Conv(
            3, last.kernel, last.strides, last.padding, transpose=True, name="output", **common
        )
        return last(x, train=train)

    def _block(self, level, features, name, **fields):
        return ConvBlock(
            features,
            level.kernel,
            level.strides,
            level.padding,
            spectral_norm=self.spectral_norm,
            initializer=self.initializer,
            name=name,
            **fields,
        )

    def _attend(self, x, side, number, train):
        places = {side, f"{side}{number}"} & set(self.attention_at)
        if self.attention == "none" or not places:
            return x
        block = SelfAttention(
            self.attention, c_cal=self.c_cal, gate=self.gate, name=f"attention_{side}{number}"
        )
        return block(x, train=train)

    def _join(
        self, x: Float[Array, "b t h w c"], skip: Float[Array, "b t h w c"], *, first: bool = False
    ) -> Float[Array, "b t h w c2"]:
        """Skip and up-sampled activations; the authors put the skip first at the deepest level."""
        if self.skips == "sum":
            return x + skip
        return jnp.concatenate([skip, x] if first else [x, skip], axis=-1)


def _check(field, value, known):
    if value not in known:
        raise ValueError(f'Unknown {field} "{value}". Known: {", ".join(known)}.')
