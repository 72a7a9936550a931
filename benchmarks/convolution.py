"""Every convolution of the two networks by itself: PyTorch's layer, flax's, and ours.

    python -m benchmarks.convolution --size=128 --frames=32 --features=32 --batch=1

"and backward" adds the gradients in the input and in the kernel. The discriminator's layers are
the generator's down1 and further, and "score". Flax's layers are ``lax.conv_general_dilated``, our
plain form, which on a CPU is a slow loop for some: with --limit a contender whose run takes longer
is given up. On a GPU "ours" is that plain form too, and "fast" is what is ours on a CPU.
"""

import argparse
import dataclasses
import itertools
from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks import precision
from benchmarks.side_by_side import Contender, main, options
from ssagan_jax.models.layers.pyramid import SMALLEST, levels, time_left

FLAX = ("jax", "flax.linen")
OURS = ("jax", "ssagan_jax.ops.conv")


@dataclasses.dataclass(frozen=True)
class Layer:
    """A convolution: of what shape [b, t, h, w, c], to how many channels, and how."""

    given: tuple[int, ...]
    features: int
    kernel: tuple[int, int, int]
    strides: tuple[int, int, int]
    padding: tuple[int, int, int]
    transpose: bool = False

    @property
    def result(self) -> tuple[int, ...]:
        """The shape of the output."""
        axes = zip(self.given[1:4], self.kernel, self.strides, self.padding, strict=True)
        if self.transpose:
            sizes = [(n - 1) * s - 2 * p + k for n, k, s, p in axes]
        else:
            sizes = [(n + 2 * p - k) // s + 1 for n, k, s, p in axes]
        return (self.given[0], *sizes, self.features)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Input, kernel (ours: see ``ops.conv``) and the output's gradient."""
        draw, channels = np.random.default_rng(0), (self.given[-1], self.features)
        kernel = (*self.kernel, *(channels[::-1] if self.transpose else channels))
        shapes = (self.given, kernel, self.result)
        x, kernel, dy = (draw.standard_normal(shape, np.float32) for shape in shapes)
        return x, 0.02 * kernel, dy


def layers(size: int, frames: int, features: int, batch: int) -> Iterator[tuple[str, Layer]]:
    """Name and description of each layer, in the order in which a clip meets them."""
    ladder, given = levels(size, frames, features), (batch, frames, size, size, 3)
    for number, level in enumerate(ladder, 1):
        layer = Layer(given, level.features, *level.convolution)
        yield f"down{number}", layer
        given = layer.result
    whole = ((time_left(frames, ladder), SMALLEST, SMALLEST), (1, 1, 1), (0, 0, 0))
    yield "score", Layer(given, 1, *whole)
    layer = Layer(given, given[-1], *whole)
    yield "bottleneck", layer
    given = layer.result
    for number, level in enumerate(reversed(ladder), 1):
        how = whole if number == 1 else ladder[1 - number].convolution
        layer = Layer(given, level.features, *how, transpose=True)
        yield f"up{number}", layer
        given = (*layer.result[:-1], 2 * level.features)  # joined with the skip
    yield "output", Layer(given, 3, *ladder[0].convolution, transpose=True)


def peer(layer: Layer, backward: bool, asked: argparse.Namespace):
    return precision.of_torch(
        asked.precision, asked.device, partial(_peer, layer, backward, asked.device)
    )


def _peer(layer, backward, device):
    import torch
    from torch import nn

    x, kernel, dy = layer.arrays()
    kind = nn.ConvTranspose3d if layer.transpose else nn.Conv3d
    how = layer.kernel, layer.strides, layer.padding
    module = kind(layer.given[-1], layer.features, *how, bias=False)
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(kernel.transpose(4, 3, 0, 1, 2)))
    x, dy = (torch.from_numpy(a).movedim(-1, 1).contiguous().to(device) for a in (x, dy))
    x.requires_grad_(backward)
    module.requires_grad_(backward).to(device)

    def run():
        y = module(x)
        return (
            (y, *torch.autograd.grad(y, (x, module.weight), dy.to(y.dtype))) if backward else (y,)
        )

    return run


def flax(layer: Layer, backward: bool, asked: argparse.Namespace):
    from flax import linen as nn

    x, kernel, dy = layer.arrays()
    padding = [(p, p) for p in layer.padding]
    kind = nn.Conv
    if layer.transpose:  # flax takes the kernel of the convolution that this is, mirrored
        kind, kernel = nn.ConvTranspose, kernel[::-1, ::-1, ::-1].swapaxes(3, 4)
        padding = [(k - 1 - p,) * 2 for k, p in zip(layer.kernel, layer.padding, strict=True)]
    module = kind(
        layer.features, layer.kernel, strides=layer.strides, padding=padding, use_bias=False
    )
    return compiled(
        lambda x, k: module.apply({"params": {"kernel": k}}, x), x, kernel, dy, backward, asked
    )


def ours(layer: Layer, backward: bool, asked: argparse.Namespace, implementation: str = "auto"):
    from ssagan_jax.ops.conv import conv3d, conv3d_transpose

    x, kernel, dy = layer.arrays()
    apply = partial(
        conv3d_transpose if layer.transpose else conv3d,
        strides=layer.strides,
        padding=layer.padding,
        implementation=implementation,
    )
    return compiled(apply, x, kernel, dy, backward, asked)


def compiled(apply, x, kernel, dy, backward: bool, asked: argparse.Namespace):
    """Runs ``apply(x, kernel)``, and its gradients of ``dy``."""
    import jax

    precision.of_jax(asked.precision, asked.device)

    def both(x, kernel, dy):
        y, back = jax.vjp(apply, x, kernel)
        return (y, *back(dy))

    work, given = (both, (x, kernel, dy)) if backward else (lambda *a: (apply(*a),), (x, kernel))
    dtype = "bfloat16" if asked.precision == "bfloat16" else "float32"
    given = jax.device_put([np.asarray(a, dtype) for a in given])
    program = jax.jit(work).lower(*given).compile()
    return lambda: jax.block_until_ready(program(*given))


def cases(asked: argparse.Namespace) -> dict[str, dict[str, Contender]]:
    """{layer and passes: contenders}."""
    named = list(layers(asked.size, asked.frames, asked.features, asked.batch))
    found = {}
    for (name, layer), backward in itertools.product(named, (False, True)):
        what = (layer, backward, asked)
        contenders = {
            "peer": Contender(peer, ("torch",), what),
            "flax": Contender(flax, FLAX, what, compiles=True),
            "fast": Contender(ours, OURS, (*what, "fast"), compiles=True),
            "ours": Contender(ours, OURS, what, compiles=True),
        }
        if asked.device == "cpu":
            del contenders["fast"]  # is ours
        found[name + (", and backward" if backward else ", forward")] = contenders
    return found


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=128, help="height and width")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--features", type=int, default=32, help="of the first level")
    parser.add_argument("--batch", type=int, default=1)
    return options(parser, repeats=11, limit=5.0)


if __name__ == "__main__":
    asked = parse()
    main(cases(asked), asked)
