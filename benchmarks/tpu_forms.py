"""Forms of convolutions and attention, by the TPU compiler's estimates, without a TPU.

    pip install 'jax[tpu]'
    python -m benchmarks.tpu_forms --topology=v5e:2x2 --size=128 --frames=32 --features=32 --batch=1

Million cycles of one chip, in bfloat16: forward, and of the gradients. Of a convolution "lax" and
"fast" (``ops/conv.py``); of attention "plain", and blockwise with each softmax summed apart or by
the product with the values (``ops/attention.py``). "+ kernel": the compiler takes a kernel of its
own, of which it notes nothing.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, product

import jax
import jax.numpy as jnp
from jax.sharding import SingleDeviceSharding

from benchmarks.convolution import layers
from ssagan_jax.distributed import topologies
from ssagan_jax.models.layers.pyramid import levels
from ssagan_jax.ops.attention import attend
from ssagan_jax.ops.conv import conv3d, conv3d_transpose
from ssagan_jax.training.cycles import estimate_cycles

CONVOLUTION = {name: dict(implementation=name) for name in ("lax", "fast")}
ATTENTION = {
    "plain": dict(implementation="plain"),
    "summed apart": dict(implementation="blockwise", platform="gpu"),
    "by the product": dict(implementation="blockwise", platform="tpu"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--topology", default="v5e:2x2")
    parser.add_argument("--size", type=int, default=128, help="height and width")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--features", type=int, default=32, help="of the first level")
    parser.add_argument("--batch", type=int, default=1, help="clips on a chip")
    asked = parser.parse_args()
    chip = SingleDeviceSharding(topologies.devices(asked.topology)[0])
    clips = (asked.size, asked.frames, asked.features, asked.batch)
    print_table("convolution", CONVOLUTION, convolutions(*clips), chip)
    print_table("attention", ATTENTION, attentions(*clips), chip)


def print_table(title, options, rows, chip):
    heads = [f"{name}, {of}" for name in options for of in ("forward", "gradients")]
    print(f"\n| {' | '.join([title, *heads])} |\n{'|---' * (1 + len(heads))}|", flush=True)
    for name, function, shapes in rows:
        cells = [cycles(partial(function, **how), shapes, chip) for how in options.values()]
        print(f"| {' | '.join([name, *chain(*cells)])} |", flush=True)


def convolutions(size, frames, features, batch):
    """(name, function, shapes of its arguments) of every layer of both networks."""
    for name, layer in layers(size, frames, features, batch):
        apply = conv3d_transpose if layer.transpose else conv3d
        channels = (layer.given[-1], layer.features)[:: -1 if layer.transpose else 1]
        apply = partial(apply, strides=layer.strides, padding=layer.padding)
        yield name, apply, (layer.given, (*layer.kernel, *channels))


def attentions(size, frames, features, batch):
    """The same of the decoder's two largest attention maps."""
    ladder = levels(size, frames, features)[:2]
    for kind, (number, level) in product(("per_frame", "shared"), enumerate(ladder)):
        shape = (batch, frames >> number, *(size >> number + 1,) * 2, level.features)
        name = f"{kind}, {' x '.join(map(str, shape[1:]))}"
        yield name, partial(attend, kind=kind), (shape,) * 3


def cycles(function: Callable, shapes: Sequence[tuple], chip: SingleDeviceSharding) -> list[str]:
    """Million cycles, forward and of the gradients."""

    def gradients(dresult, *arguments):
        return jax.vjp(function, *arguments)[1](dresult)

    given = [jax.ShapeDtypeStruct(shape, jnp.bfloat16, sharding=chip) for shape in shapes]
    result = jax.eval_shape(function, *given).update(sharding=chip)
    return [compiled(function, *given), compiled(gradients, result, *given)]


def compiled(function: Callable, *given: jax.ShapeDtypeStruct) -> str:
    text = jax.jit(function).trace(*given).lower().compile().as_text()
    kernels = " + kernel" if "tpu_custom_call" in text else ""
    return f"{(estimate_cycles(text) or 0) / 1e6:.2f}{kernels}"


if __name__ == "__main__":
    main()
