"""The nouns of the project: what is handed from one layer to the next.

Axes are always ``b t h w c`` (batch, time, height, width, channels). Clips and
frames are floats in [-1, 1]; *video* means files and ``uint8``.
"""

from collections.abc import Mapping
from typing import Any

import flax.struct
from jaxtyping import Array, Float

Frame = Float[Array, "b h w 3"]
Clip = Float[Array, "b t h w 3"]
Scalar = Float[Array, ""]
# (right, down), shares of the picture's width and height from each frame to the next.
Wind = Float[Array, "b 2"]
Mask = Float[Array, "b h w"]  # what moves, or may: 0 to 1

# One batch, on the host or on devices: "clip": uint8 [b, t, h, w, 3], and, where a network takes
# them, "wind": [b, 2] and "mask": [b, h, w] of each clip. Within a training step clips are floats.
Batch = Mapping[str, Any]


@flax.struct.dataclass
class Generated:
    """What a generator returns.

    Attributes:
      clip: the generated clip, floats in [-1, 1].
      extras: further outputs by name (MD-GAN's ``stage1``, VGAN's ``mask``, ...).
    """

    clip: Float[Array, "b t h w 3"]
    extras: Mapping[str, Array] = flax.struct.field(default_factory=dict)


@flax.struct.dataclass
class Judged:
    """What a discriminator returns.

    Attributes:
      logits: one or more scores per clip (after the sigmoid, if the model has one).
      features: activations, shallow to deep.
    """

    logits: Float[Array, "b *patch"]
    features: tuple[Array, ...] = ()
