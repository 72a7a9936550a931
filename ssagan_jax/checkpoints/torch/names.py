"""What the authors' files call each array, and which variable it is here.

The names are those of the released PyTorch modules of SSA-GAN and MD-GAN (GitHub, UdonDa and
weixiong-ur/mdgan). In the generators ``upConv6`` is always the last one and ``up_attn_1`` the
shallowest; the 64-pixel ones leave out ``upConv1``, and their ``downConv5`` is the bottleneck.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Ways to store one array: see ``layout``.
KERNEL, POINTWISE, REST, VECTOR, SCALAR = "kernel", "pointwise", "rest", "vector", "scalar"


@dataclass(frozen=True)
class Place:
    """A variable: its path (``params/down1/Conv_0/kernel``) and how PyTorch stores it."""

    path: str
    kind: str


CONVOLUTION = {"weight": ("params", "kernel", KERNEL)}
SPECTRAL = {
    "weight_orig": ("params", "kernel", KERNEL),
    "weight_u": ("spectral", "SpectralNorm_0/u", VECTOR),
    "weight_v": ("spectral", "SpectralNorm_0/v", REST),
}
NORM = {
    "weight": ("params", "scale", VECTOR),
    "bias": ("params", "bias", VECTOR),
    "running_mean": ("batch_stats", "mean", VECTOR),
    "running_var": ("batch_stats", "var", VECTOR),
}
ATTENTION = {
    "gamma": ("params", "gamma", SCALAR),
    "query_conv.weight": ("params", "query/kernel", POINTWISE),
    "query_conv.bias": ("params", "query/bias", VECTOR),
    "key_conv.weight": ("params", "key/kernel", POINTWISE),
    "key_conv.bias": ("params", "key/bias", VECTOR),
    "value_conv.weight": ("params", "value/kernel", POINTWISE),
    "value_conv.bias": ("params", "value/bias", VECTOR),
    # The block without gamma: a convolution and a batch norm on the branch.
    "W.0.weight": ("params", "output/kernel", POINTWISE),
    "W.0.bias": ("params", "output/bias", VECTOR),
    **{f"W.1.{name}": (c, f"norm/{path}", kind) for name, (c, path, kind) in NORM.items()},
}


def generator_table(levels: int, *, spectral_norm: bool, prefix: str = "") -> dict[str, Place]:
    """The table of a generator.

    Args:
      levels: 5 (128 pixels) or 4 (64 pixels).
      spectral_norm: whether its convolutions have it.
      prefix: of the network in our variables (``stage1/``).
    """
    first = 6 - levels  # number of the deepest transposed convolution
    modules = {f"downConv{n}": f"down{n}/Conv_0" for n in range(1, levels + 1)}
    modules[f"downConv{levels + 1}"] = "bottleneck"
    modules |= {f"upConv{n}": f"up{n - first + 1}/Conv_0" for n in range(first, 6)}
    modules["upConv6"] = "output"
    norms = {f"downBN{n}": f"down{n}/BatchNorm_0" for n in range(2, levels + 1)}
    norms |= {f"upBN{n}": f"up{n - first + 1}/BatchNorm_0" for n in range(first, 6)}
    blocks = {f"attn_{n}": f"attention_encoder{n}" for n in range(1, levels + 1)}
    blocks |= {f"up_attn_{n}": f"attention_decoder{levels + 1 - n}" for n in range(1, levels + 1)}
    leaves = SPECTRAL if spectral_norm else CONVOLUTION
    return dict(
        [
            *_rows(modules, leaves, prefix),
            *_rows(norms, NORM, prefix),
            *_rows(blocks, ATTENTION, prefix),
        ]
    )


def discriminator_table(levels: int, *, spectral_norm: bool) -> dict[str, Place]:
    """The table of a discriminator; arguments as for ``generator``."""
    places = ["slice1.0", "slice2.0", "slice2.3", "slice3.0", "slice3.3"][:levels]
    modules = {name: f"down{n}/Conv_0" for n, name in enumerate(places, 1)}
    modules["slice4.0"] = "output"
    norms = {
        f"{name[:-1]}{int(name[-1]) + 1}": f"down{n}/BatchNorm_0"
        for n, name in enumerate(places[1:], 2)
    }
    leaves = SPECTRAL if spectral_norm else CONVOLUTION
    return dict([*_rows(modules, leaves, ""), *_rows(norms, NORM, "")])


def _rows(modules: Any, leaves: Any, prefix: str) -> Iterator[tuple[str, Place]]:
    for name, module in modules.items():
        for leaf, (collection, path, kind) in leaves.items():
            yield f"{name}.{leaf}", Place(f"{collection}/{prefix}{module}/{path}", kind)
