"""Which network a file holds, told from its names and shapes.

What neither tells is taken from the authors' code: clips of 32 frames, one attention map for all
frames (``shared``) unless the block before the output is the only one (their space-time
network), and a discriminator that ends in a sigmoid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ssagan_jax.checkpoints.torch import names
from ssagan_jax.checkpoints.torch.layout import Shape

FRAMES = 32
SIZES = {5: 128, 4: 64}  # by the number of levels


@dataclass(frozen=True)
class Network:
    """A network of a file.

    Attributes:
      name: of the model (``ssagan_jax.models``).
      fields: of the model.
      table: PyTorch name -> ``names.Place``.
      unused: starts of names of blocks that the authors make and never call.
    """

    name: str
    fields: Mapping[str, Any]
    table: Mapping[str, names.Place] = field(repr=False)
    unused: tuple[str, ...] = ()


def detect_generator(shapes: Mapping[str, Shape], *, model: str, stage: int) -> Network:
    """The generator with arrays of these names and shapes.

    Raises:
      ValueError: for a file that is no generator's, of a kind that no model here is, or of
        another stage.
    """
    first, last = _kernel(shapes, "downConv1"), _kernel(shapes, "upConv6")
    levels = 5 if _has(shapes, "downConv6.") or _has(shapes, "upConv1.") else 4
    fields = _common(shapes, first, levels)
    bottleneck = _bottleneck(shapes, levels)
    spectral = fields["spectral_norm"]
    if model == "mdgan":
        _check_stage(stage, bottleneck)
    if model == "mdgan" and stage == 1:
        table = names.generator_table(levels, spectral_norm=spectral, prefix="stage1/")
        fields |= dict(stage=1, bottlenecks=(bottleneck, "whole" if levels == 5 else "halve"))
        return Network("mdgan", fields, table)
    table = names.generator_table(levels, spectral_norm=spectral)
    concat = last[0] == 2 * first[0]
    fields |= dict(
        skips="concat" if concat else "sum",
        skip_levels=levels - 2 if stage == 2 and not concat else None,
        bottleneck=bottleneck,
    )
    if model == "mdgan":
        return Network("unet", fields, table)
    attention, unused = _attention(shapes, fields, stage=stage, levels=levels)
    return Network("ssagan", fields | attention, table, unused)


def detect_discriminator(shapes: Mapping[str, Shape]) -> Network:
    """The discriminator with arrays of these names and shapes.

    The slope of the last leaky ReLU is PyTorch's 0.01 at 128 pixels; the 64-pixel network
    lacks that layer, and the one before it has 0.2.

    Raises:
      ValueError: for a file that is no discriminator's.
    """
    levels = 5 if _has(shapes, "slice3.3.") else 4
    fields = _common(shapes, _kernel(shapes, "slice1.0"), levels)
    fields |= dict(
        sigmoid=True,
        last_slope=0.01 if levels == 5 else 0.2,
        head="whole" if levels == 5 else "pair",
    )
    table = names.discriminator_table(levels, spectral_norm=fields["spectral_norm"])
    return Network("mdgan", fields, table)


def _common(shapes: Any, first: Shape, levels: int) -> dict[str, Any]:
    spectral_norm = any(name.endswith(".weight_orig") for name in shapes)
    return dict(size=SIZES[levels], frames=FRAMES, features=first[0], spectral_norm=spectral_norm)


def _bottleneck(shapes, levels):
    if levels == 5:
        return "whole"
    return "pair" if _kernel(shapes, "downConv5")[2] == 2 else "halve"


def _check_stage(stage, bottleneck):
    """The 64-pixel files of MD-GAN tell their stage by the bottleneck; the larger ones do not."""
    told = {"pair": 1, "halve": 2}.get(bottleneck, stage)
    if told != stage:
        raise ValueError(
            f"This is a network of MD-GAN's stage {told}, by the shape of downConv5, and not of "
            f"stage {stage}: pass stage={told}."
        )


def _attention(
    shapes: Any, fields: Any, *, stage: int, levels: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields about attention, and the blocks that are never called."""
    blocks = sorted({name.split(".")[0] for name in shapes if "attn_" in name.split(".")[0]})
    if not blocks:
        return dict(attention="none"), ()
    found = dict(attention="shared", c_cal=_c_cal(shapes), gate=_gate(shapes))
    if blocks == ["up_attn_1"]:
        return found | dict(attention="spatiotemporal", attention_at=(f"decoder{levels}",)), ()
    if fields["skips"] == "concat" and levels == 4:  # the decoder calls the encoder's blocks
        return found | dict(share_attention=True), ("attn_5.", "up_attn_")
    if fields["skips"] == "sum" and stage == 1:
        if levels == 4:
            raise ValueError(
                "This is a 64-pixel generator with summed skips and attention on the skips "
                "alone; no model here is like it. If it is a second stage, pass stage=2."
            )
        return found | dict(attention_at=("encoder",)), ("up_attn_",)
    return found, ()


def _c_cal(shapes: Any) -> int:
    """How many times fewer channels queries have than values, in the widest block."""
    ratios = [(1, 1)]  # (channels, ratio)
    for name, shape in shapes.items():
        block, found, _ = name.partition(".query_conv.bias")
        values = shapes.get(f"{block}.value_conv.bias")
        if found and values:
            ratios.append((values[0], max(1, values[0] // shape[0])))
    return max(ratios)[1]


def _gate(shapes: Any) -> str:
    """Files are trained: how the gateless block's kernel was initialised, they do not say."""
    return "gamma" if any(name.endswith(".gamma") for name in shapes) else "none_normal_init"


def _has(shapes: Any, start: str) -> bool:
    return any(name.startswith(start) for name in shapes)


def _kernel(shapes: Any, layer: str) -> Shape:
    """The shape of a convolution's kernel, [out, in, t, h, w] ([in, out, ...] transposed).

    Raises:
      ValueError: if the file has no such convolution.
    """
    for name in (f"{layer}.weight_orig", f"{layer}.weight"):
        if len(shapes.get(name, ())) == 5:
            return shapes[name]
    shown = ", ".join(sorted(shapes)[:8])
    raise ValueError(
        f"There is no 3-D convolution {layer} in the file, so its network is not known (another "
        f"role, another project?). Its names: {shown}{', ...' if len(shapes) > 8 else ''}."
    )
