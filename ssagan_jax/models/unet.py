"""The 3-D U-Net under SSA-GAN and MD-GAN; by itself the control without attention.

Without it no claim about attention holds: SSA-GAN's generator has a third more parameters than
MD-GAN's, nearly all of them from concatenated skips.
"""

from typing import Any

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from ssagan_jax.models.layers.attention import SelfAttention
from ssagan_jax.models.layers.compute import PRECISIONS, Compute, check_precision, run_block
from ssagan_jax.models.layers.condition import CONDITIONS, append_mask
from ssagan_jax.models.layers.conv import Conv, ConvBlock
from ssagan_jax.models.layers.norm import NORMS
from ssagan_jax.models.layers.pyramid import SMALLEST, Convolution, Level, levels, time_left
from ssagan_jax.models.layers.warping import CHANNELS, warp_photo
from ssagan_jax.models.layers.wind import WINDS, Modulate, WindPrior
from ssagan_jax.ops import mixture
from ssagan_jax.ops.attention import LAYOUTS
from ssagan_jax.ops.clip import check_photo
from ssagan_jax.ops.repeated_frames import (
    RepeatedFrames,
    Repeats,
    expand_repeats,
    shrink_before_convolution,
)
from ssagan_jax.types import Clip, Frame, Generated, Mask, Wind

Activations = Float[Array, "b t h w c"]
SKIPS = ("concat", "sum")
OUTPUTS = {"direct": 3, "residual": 3, "warp": CHANNELS}  # and channels of the last layer
SIDES = ("encoder", "decoder")
BOTTLENECKS = ("whole", "pair", "halve")
ACTIVATIONS = {"none": None, "leaky_relu": 0.2}


class Generator(nn.Module):
    """One photo in, a clip out. A clip in its place is used as it is (MD-GAN's second stage).

    Every down level is convolution -> batch norm -> leaky ReLU 0.2 -> attention (the first has
    neither norm nor activation in the authors' code); every up level is transposed convolution
    -> batch norm -> ReLU -> attention, joined with the attended output of the down level of its
    size. Between them is a bottleneck.

    Attributes:
      size: pixels a side: 32, 64, 128 or 256.
      frames: of the clip: 8, 16, 32 or 64.
      features: channels of the first level.
      skips: ``concat`` (paper) or ``sum`` (MD-GAN).
      skip_levels: how many of the deepest levels have a skip; None: all.
      bottleneck: ``whole``: a convolution over the whole deepest grid, to one position (paper,
        128 pixels). The authors' 64-pixel files: ``halve``, 4 x 4 x 4 with strides of 2
        (SSA-GAN, MD-GAN II), or ``pair``, 2 x 4 x 4 without (MD-GAN I).
      attention: ``none``, ``per_frame``, ``shared`` or ``spatiotemporal``.
      attention_at: levels that have it: ``encoder``, ``decoder``, or single ones, counted from
        the photo inwards for the encoder and outwards for the decoder (``encoder1``,
        ``decoder5``), in any mixture.
      share_attention: the decoder reuses the encoder's attention of the same width (the
        authors' 64-pixel file).
      c_cal: reduction of the query and key channels.
      gate: see ``layers.attention.GATES``.
      gamma_init: what every gamma starts from.
      norm: ``batch`` (paper), ``instance``, ``layer`` or ``none``.
      spectral_norm: on every convolution but attention's.
      first_activation: after the first convolution: ``none`` (authors) or ``leaky_relu``.
      output: ``direct``: tanh. ``residual``: the input plus tanh, clipped to [-1, 1]. ``warp``: the
        input's own pixels, moved: see ``layers.warping``, also for ``extras``.
      wind: ``none``, or ``given``: which way it blows is an input, and what is likely for a photo
        is learnt beside: see ``layers.wind``.
      condition: ``none``; or ``mask``: the encoder also sees what may move (``layers.condition``).
      initializer: see ``layers.initializers``.
      precision: of the activations: ``float32`` or ``bfloat16``. The clip is float32.
      remat: ``none``, or ``levels``: see ``layers.compute``.
      fold: compute the equal frames of a still photo's encoder once (``repeated_frames``): the same
        values but for rounding, for much less.
      compute: see ``layers.compute``.

    Raises:
      ValueError: when a field has a value it cannot have, or the photo another size.
    """

    size: int = 128
    frames: int = 32
    features: int = 32
    skips: str = "concat"
    skip_levels: int | None = None
    bottleneck: str = "whole"
    attention: str = "none"
    attention_at: tuple[str, ...] = ("encoder", "decoder")
    share_attention: bool = False
    c_cal: int = 1
    gate: str = "gamma"
    gamma_init: float = 0.0
    norm: str = "batch"
    spectral_norm: bool = True
    first_activation: str = "none"
    output: str = "direct"
    wind: str = "none"
    condition: str = "none"
    initializer: str = "normal"
    precision: str = "float32"
    remat: str = "none"
    fold: bool = True
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        check_precision(self.precision, self.remat)
        ladder = levels(self.size, self.frames, self.features)
        _check("skips", self.skips, SKIPS)
        _check("bottleneck", self.bottleneck, BOTTLENECKS)
        _check("attention", self.attention, ("none", *LAYOUTS))
        _check("first_activation", self.first_activation, ACTIVATIONS)
        _check("output", self.output, OUTPUTS)
        _check("wind", self.wind, WINDS)
        _check("condition", self.condition, CONDITIONS)
        _check("norm", self.norm, NORMS)
        numbered = [f"{side}{i + 1}" for side in SIDES for i in range(len(ladder))]
        for place in self.attention_at:
            _check("attention_at", place, (*SIDES, *numbered))

    @property
    def takes_wind(self) -> bool:
        """Whether the wind is an input: see ``models.variables.given_hints``."""
        return self.wind == "given"

    @property
    def takes_mask(self) -> bool:
        """Whether what may move is an input: likewise."""
        return self.condition == "mask"

    @nn.compact
    def __call__(
        self,
        frame: Frame | Clip,
        *,
        train: bool,
        wind: Wind | None = None,
        mask: Mask | None = None,
    ) -> Generated:
        """Without a ``mask``, a generator that takes one is told that all may move.

        Without a ``wind``, a generator that takes one draws it where there is the stream
        ``noise``, and takes the most likely one where there is not. ``extras["prior"]``: what is
        likely (``ops.mixture``); ``extras["wind"]``: the wind that was taken.
        """
        check_photo(frame, size=self.size)
        ladder = levels(self.size, self.frames, self.features)
        x, repeats = (frame, None) if frame.ndim == 5 else (frame[:, None], (self.frames,))
        attend = self._attentions(ladder)
        seen = append_mask(x, mask) if self.takes_mask else x
        start = seen.astype(PRECISIONS[self.precision])
        attended = self._encode(start, repeats, ladder, attend, train)
        extras: dict[str, Array] = {}
        if self.takes_wind:
            prior = WindPrior(compute=self.compute, name="wind_prior")(attended[-1][0])
            wind = self._choose_wind(prior, wind)
            extras = {"prior": prior, "wind": wind}
        layer = self._decode(attended, ladder, attend, train, wind)
        if self.output == "warp":
            # Half of the cost in training; the fields that are learnt are alike.
            warped = warp_photo(frame, layer, wind, kernel="linear" if train else "cubic")
            return Generated(clip=warped.clip, extras={**extras, **warped.extras})
        change = jnp.tanh(layer.astype(jnp.float32))
        if self.output == "residual":
            change = jnp.clip(x + change, -1.0, 1.0)
        return Generated(clip=change, extras=extras)

    def _choose_wind(self, prior: mixture.Mixture, wind: Wind | None) -> Wind:
        if wind is not None:
            return wind
        if self.has_rng("noise") and not self.is_initializing():
            return mixture.draw(self.make_rng("noise"), prior)
        return mixture.mode(prior)

    def _encode(self, x, repeats, ladder, attend, train):
        """The attended output of each down level, shallow to deep, with its repeats."""
        outputs = []
        if not self.fold:
            x, repeats = expand_repeats(x, repeats), None
        for number, level in enumerate(ladder, 1):
            slope = ACTIVATIONS[self.first_activation] if number == 1 else 0.2
            norm = "none" if number == 1 else self.norm
            down = self._block(
                level.convolution, level.features, f"down{number}", norm=norm, slope=slope
            )
            x, repeats = shrink_before_convolution(x, repeats, stride=level.strides[0])
            x = self._run(down, x, train=train, repeats=repeats)
            x = self._run(attend[f"encoder{number}"], x, train=train, repeats=repeats)
            outputs.append((x, repeats))
        return outputs

    def _decode(
        self, skips: Any, ladder: tuple[Level, ...], attend: Any, train: bool, wind: Wind | None
    ) -> Array:
        """What the last layer says, before tanh."""
        deepest, width = self._deepest(ladder), ladder[-1].features
        common: dict[str, Any] = dict(
            spectral_norm=self.spectral_norm, initializer=self.initializer, compute=self.compute
        )
        bottleneck = Conv(width, *deepest, name="bottleneck", **common)
        x, repeated = bottleneck(expand_repeats(*skips[-1]), train=train), None
        if wind is not None:
            x = Modulate(compute=self.compute, name="wind_modulation")(x, wind)
        for number in range(1, len(ladder) + 1):
            level = deepest if number == 1 else ladder[1 - number].convolution
            wanted = ladder[-number].features
            up = self._block(level, wanted, f"up{number}", transpose=True, slope=0.0)
            x = self._run(up, x, repeated, train=train)
            x = self._run(attend[f"decoder{number}"], x, train=train)
            skip, repeats = skips[-number]
            x, repeated = self._join(x, skip, repeats, number)
        channels = OUTPUTS[self.output]
        output = Conv(channels, *ladder[0].convolution, transpose=True, name="output", **common)
        return output(x, repeated, train=train)

    def _run(self, block, *arrays, **options):
        """One block of a level; None is the identity."""
        return run_block(block, *arrays, remat=self.remat, **options) if block else arrays[0]

    def _block(
        self,
        convolution: Convolution,
        features: int,
        name: str,
        *,
        slope: float | None,
        transpose: bool = False,
        norm: str | None = None,
    ) -> ConvBlock:
        return ConvBlock(
            features,
            *convolution,
            transpose=transpose,
            norm=norm or self.norm,
            slope=slope,
            spectral_norm=self.spectral_norm,
            initializer=self.initializer,
            compute=self.compute,
            name=name,
        )

    def _deepest(self, ladder: tuple[Level, ...]) -> Convolution:
        """Kernel, strides and padding of the bottleneck."""
        whole = (time_left(self.frames, ladder), SMALLEST, SMALLEST)
        return {
            "whole": (whole, (1, 1, 1), (0, 0, 0)),
            "pair": ((2, SMALLEST, SMALLEST), (1, 1, 1), (0, 0, 0)),
            "halve": ((4, 4, 4), (2, 2, 2), (1, 1, 1)),
        }[self.bottleneck]

    def _attentions(self, ladder):
        """The attention block of every level, by place; None where there is none."""
        blocks: dict[str, SelfAttention | None] = {}
        for side in SIDES:
            for number in range(1, len(ladder) + 1):
                place, mirror = f"{side}{number}", f"encoder{len(ladder) + 1 - number}"
                if self.attention == "none" or not {side, place} & set(self.attention_at):
                    blocks[place] = None
                elif side == "decoder" and self.share_attention:
                    blocks[place] = blocks[mirror]
                else:
                    blocks[place] = SelfAttention(
                        self.attention,
                        c_cal=self.c_cal,
                        gate=self.gate,
                        gamma_init=self.gamma_init,
                        compute=self.compute,
                        name=f"attention_{place}",
                    )
        return blocks

    def _join(self, x: Activations, skip: RepeatedFrames, repeats: Repeats, number: int) -> Any:
        """Up-sampled activations with the skip, and the skip where it is still to be joined.

        One of repeated frames is: the next convolution takes it as it is. The authors put the skip
        first at the deepest level of 128 pixels, and nowhere else.
        """
        if self.skip_levels is not None and number > self.skip_levels:
            return x, None
        skip_first = number == 1 and self.bottleneck == "whole"
        if repeats is not None and self.skips == "concat" and not skip_first:
            return x, skip
        skip = expand_repeats(skip, repeats)
        if self.skips == "sum":
            return x + skip, None
        return jnp.concatenate([skip, x] if skip_first else [x, skip], axis=-1), None


def _check(field, value, known):
    if value not in known:
        raise ValueError(f'Unknown {field} "{value}". Known: {", ".join(known)}.')
