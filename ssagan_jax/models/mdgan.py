"""MD-GAN (Xiong et al. 2018): two stages of generator, and the discriminator SSA-GAN took over."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn

from ssagan_jax.models import unet
from ssagan_jax.models.layers.compute import PRECISIONS, Compute, check_precision, run_block
from ssagan_jax.models.layers.conv import Conv, ConvBlock
from ssagan_jax.models.layers.norm import NORMS
from ssagan_jax.models.layers.pyramid import SMALLEST, levels, time_left
from ssagan_jax.models.layers.wind import WINDS, append_wind
from ssagan_jax.ops.clip import check_clip
from ssagan_jax.types import Clip, Frame, Generated, Judged, Wind

HEADS = ("whole", "pair")


class Generator(nn.Module):
    """One photo in, a clip out, by a U-Net with summed skips and no attention.

    The second stage refines the clip of the first by a network of its own without the two
    shallowest skips. The first stage is then frozen: evaluated as it stands, statistics too.

    Attributes:
      size, frames, features, norm, spectral_norm, output, wind, initializer, precision, remat,
        compute: see ``models.unet``. Both stages are given the same wind.
      stage: 1, or 2 for both stages in a row; ``extras["stage1"]`` is the first one's clip.
      bottlenecks: of either stage: see ``models.unet``.

    Raises:
      ValueError: when a field has a value it cannot have, or the photo another size.
    """

    size: int = 128
    frames: int = 32
    features: int = 32
    stage: int = 1
    bottlenecks: tuple[str, str] = ("whole", "whole")
    norm: str = "batch"
    spectral_norm: bool = False
    output: str = "direct"
    wind: str = "none"
    initializer: str = "normal"
    precision: str = "float32"
    remat: str = "none"
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        check_precision(self.precision, self.remat)
        levels(self.size, self.frames, self.features)
        if self.stage not in (1, 2):
            raise ValueError(f"stage must be 1 or 2, not {self.stage}.")

    @property
    def frozen(self) -> tuple[str, ...]:
        """Parts whose parameters stay as they are: see ``models.variables.frozen``."""
        return ("stage1",) if self.stage == 2 else ()

    @property
    def takes_wind(self) -> bool:
        """Whether the wind is an input, as in ``models.unet``."""
        return self.wind == "given"

    @nn.compact
    def __call__(self, frame: Frame, *, train: bool, wind: Wind | None = None) -> Generated:
        first = self._network("stage1")(frame, train=train and self.stage == 1, wind=wind)
        if self.stage == 1:
            return first
        deep = max(1, len(levels(self.size, self.frames, self.features)) - 2)
        wind = first.extras.get("wind")
        second = self._network("stage2", skip_levels=deep)(first.clip, train=train, wind=wind)
        return Generated(clip=second.clip, extras={**second.extras, "stage1": first.clip})

    def _network(self, name, **fields):
        return unet.Generator(
            size=self.size,
            frames=self.frames,
            features=self.features,
            skips="sum",
            bottleneck=self.bottlenecks[0 if name == "stage1" else 1],
            norm=self.norm,
            spectral_norm=self.spectral_norm,
            output=self.output,
            wind=self.wind,
            initializer=self.initializer,
            precision=self.precision,
            remat=self.remat,
            compute=self.compute,
            name=name,
            **fields,
        )


class Discriminator(nn.Module):
    """Scores a clip: real (high) or generated (low).

    Halving convolutions down to 4 x 4 pixels, each followed by a norm (not the first) and a
    leaky ReLU, then one convolution over all that is left. It sees the clip, whose first frame is
    the photo, and perhaps its wind.

    Attributes:
      size, frames: of the clip: see ``layers.pyramid``.
      features: channels of the first level.
      norm: ``batch`` (paper), ``instance``, ``layer`` or ``none``.
      spectral_norm: on every convolution.
      last_slope: of the last leaky ReLU; the authors' code leaves it at PyTorch's 0.01.
      sigmoid: whether the scores are sigmoid outputs, as in the authors' code, or logits.
      head: the last convolution takes the ``whole`` deepest grid (paper) or a ``pair`` of
        frames at a time, for several scores per clip (the authors' 64-pixel files).
      wind: ``none``; or ``given``, as two more channels of its input (``layers.wind``).
      initializer: see ``layers.initializers``.
      precision: of the levels' activations: ``float32`` or ``bfloat16``. The last convolution
        and the scores are float32.
      remat: ``none``, or ``levels``: see ``layers.compute``, as for ``compute``.

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
    head: str = "whole"
    wind: str = "none"
    initializer: str = "normal"
    precision: str = "float32"
    remat: str = "none"
    compute: Compute = Compute()

    def __post_init__(self):
        super().__post_init__()
        check_precision(self.precision, self.remat)
        levels(self.size, self.frames, self.features)
        if self.norm not in NORMS:
            raise ValueError(f'Unknown norm "{self.norm}". Known: {", ".join(NORMS)}.')
        if self.head not in HEADS:
            raise ValueError(f'Unknown head "{self.head}". Known: {", ".join(HEADS)}.')
        if self.wind not in WINDS:
            raise ValueError(f'Unknown wind "{self.wind}". Known: {", ".join(WINDS)}.')

    @property
    def takes_wind(self) -> bool:
        """Whether the wind is an input."""
        return self.wind == "given"

    @nn.compact
    def __call__(self, clip: Clip, *, train: bool, wind: Wind | None = None) -> Judged:
        check_clip(clip, frames=self.frames, size=self.size)
        ladder = levels(self.size, self.frames, self.features)
        common: dict[str, Any] = dict(
            spectral_norm=self.spectral_norm, initializer=self.initializer, compute=self.compute
        )
        x, features = clip.astype(PRECISIONS[self.precision]), []
        if self.takes_wind:
            x = append_wind(x, wind)
        for number, level in enumerate(ladder, 1):
            block = ConvBlock(
                level.features,
                *level.convolution,
                norm="none" if number == 1 else self.norm,
                slope=self.last_slope if number == len(ladder) else 0.2,
                name=f"down{number}",
                **common,
            )
            x = run_block(block, x, train=train, remat=self.remat)
            features.append(x)
        left = time_left(self.frames, ladder) if self.head == "whole" else 2
        kernel = (left, SMALLEST, SMALLEST)
        logits = Conv(1, kernel, name="output", **common)(x.astype(jnp.float32), train=train)
        logits = logits.reshape(logits.shape[0], -1)
        return Judged(
            logits=jax.nn.sigmoid(logits) if self.sigmoid else logits, features=tuple(features)
        )
