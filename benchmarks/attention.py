"""Attention over a clip by itself: ours, the plain form, jax.nn's, and PyTorch's two.

    python -m benchmarks.attention --frames=32 --size=64 --features=32

"bmm" is what the authors' code does: a product, a softmax, a product. "SDPA" is
``torch.nn.functional.scaled_dot_product_attention``, without its scale. Each framework's clip is in
its own layout. Forms that hold whole maps are left out where these are larger than --largest GiB.
"cuDNN" is jax.nn's on its fused kernel: bfloat16, at most 128 features, on an NVIDIA GPU.
"""

import argparse
import itertools
import math
import re
from functools import partial

import numpy as np

from benchmarks import precision
from benchmarks.side_by_side import Contender, main, options

# kind -> positions of a map and features of a position, of PyTorch's [b, c, t, h, w].
PEERS = {
    "shared": "b (h w) (c t)",
    "per_frame": "(b t) (h w) c",
    "spatiotemporal": "b (t h w) c",
}
CUDNN = 128  # features at most
TORCH, JAX = ("torch", "einops"), ("jax", "einops", "ssagan_jax.ops.attention")


def arrays(shape: tuple[int, ...]) -> list[np.ndarray]:
    """Query, key, value and the result's gradient, [b, t, h, w, c]."""
    draw = np.random.default_rng(0)
    return [0.1 * draw.standard_normal(shape, np.float32) for _ in range(4)]


def peer(kind: str, shape: tuple[int, ...], backward: bool, asked: argparse.Namespace, fused: bool):
    make = partial(_peer, kind, shape, backward, asked.device, fused)
    return precision.of_torch(asked.precision, asked.device, make)


def _peer(kind, shape, backward, device, fused):
    import torch
    from einops import rearrange
    from torch.nn import functional as F

    *given, gradient = (
        torch.from_numpy(a).movedim(-1, 1).contiguous().to(device) for a in arrays(shape)
    )
    for x in given:
        x.requires_grad_(backward)
    b, t, h, w, c = shape
    sizes = {name: n for name, n in zip("bcthw", (b, c, t, h, w), strict=True)}

    def forward():
        query, key, value = (rearrange(x, f"b c t h w -> {PEERS[kind]}") for x in given)
        if fused:
            heads = (x[:, None] for x in (query, key, value))
            result = F.scaled_dot_product_attention(*heads, scale=1.0)[:, 0]
        else:
            weights = torch.softmax(torch.bmm(query, key.transpose(1, 2)), -1)
            result = torch.bmm(weights, value)
        return rearrange(result, f"{PEERS[kind]} -> b c t h w", **sizes)

    def run():
        result = forward()
        if not backward:
            return (result,)
        return (result, *torch.autograd.grad(result, given, gradient.to(result.dtype)))

    return run


def ours(
    kind: str,
    shape: tuple[int, ...],
    backward: bool,
    asked: argparse.Namespace,
    implementation: str,
):
    import jax

    from ssagan_jax.ops.attention import attend

    def apply(*given):
        if implementation in ("jax.nn", "cudnn"):
            return library(
                kind, *given, implementation={"jax.nn": None}.get(implementation, "cudnn")
            )
        return attend(*given, kind=kind, implementation=implementation)

    def work(query, key, value, gradient):
        if not backward:
            return (apply(query, key, value),)
        result, back = jax.vjp(apply, query, key, value)
        return (result, *back(gradient))

    precision.of_jax(asked.precision, asked.device)
    dtype = "bfloat16" if asked.precision == "bfloat16" else "float32"
    given = jax.device_put([a.astype(dtype) for a in arrays(shape)])
    program = jax.jit(work).lower(*given).compile()
    return lambda: jax.block_until_ready(program(*given))


def library(kind: str, query, key, value, *, implementation: str | None):
    """``jax.nn.dot_product_attention`` of one head."""
    import jax
    from einops import rearrange

    from ssagan_jax.ops.attention import LAYOUTS

    b, t, h, w, c = value.shape
    layout = LAYOUTS[kind]
    given = (rearrange(x, f"b t h w c -> {layout}")[:, :, None] for x in (query, key, value))
    result = jax.nn.dot_product_attention(*given, scale=1.0, implementation=implementation)
    return rearrange(result[:, :, 0], f"{layout} -> b t h w c", b=b, t=t, h=h, w=w, c=c)


def map_gib(kind: str, shape: tuple[int, ...]) -> float:
    """Of all maps of the batch at once, float32."""
    sizes = dict(zip("bthwc", shape, strict=True))
    maps, positions, _ = re.findall(r"\(.*?\)|\S+", PEERS[kind])
    count = math.prod(sizes[axis] for axis in re.findall(r"\w", maps))
    return 4 * count * math.prod(sizes[axis] for axis in re.findall(r"\w", positions)) ** 2 / 2**30


def cases(asked: argparse.Namespace) -> dict[str, dict[str, Contender | str]]:
    """{kind and passes: contenders}."""
    shape = (asked.batch, asked.frames, asked.size, asked.size, asked.features)
    found = {}
    for kind, backward in itertools.product(asked.kinds.split(","), (False, True)):
        what, gib = (kind, shape, backward, asked), map_gib(kind, shape)
        contenders = {
            "PyTorch, bmm": Contender(peer, TORCH, (*what, False)),
            "plain": Contender(ours, JAX, (*what, "plain"), compiles=True),
            "jax.nn": Contender(ours, JAX, (*what, "jax.nn"), compiles=True),
        }
        if gib > asked.largest:
            contenders = dict.fromkeys(contenders, f"maps of {gib:,.0f} GiB")
        contenders["PyTorch, SDPA"] = Contender(peer, TORCH, (*what, True))
        contenders["cuDNN"] = no_cudnn(kind, asked) or Contender(
            ours, JAX, (*what, "cudnn"), compiles=True
        )
        contenders["ours"] = Contender(ours, JAX, (*what, "auto"), compiles=True)
        found[kind + (", and backward" if backward else ", forward")] = contenders
    return found


def no_cudnn(kind: str, asked: argparse.Namespace) -> str | None:
    """Why its fused kernel cannot be run, if so."""
    if asked.device != "cuda" or asked.precision != "bfloat16":
        return "needs --device=cuda --precision=bfloat16"
    features = asked.features * (asked.frames if kind == "shared" else 1)
    return f"{features} features, it takes {CUDNN}" if features > CUDNN else None


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", default=",".join(PEERS), help="(default: %(default)s)")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--size", type=int, default=64, help="height and width")
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--largest", type=float, default=4.0, help="GiB of maps (default: 4)")
    return options(parser, repeats=5, limit=60.0)


if __name__ == "__main__":
    asked = parse()
    main(cases(asked), asked)
