"""What joins the clips of a batch, on four devices and on one: see test_data_parallel.py.

XLA_FLAGS=--xla_force_host_platform_device_count=4 python tests/helpers/data_parallel.py OUT.npz
"""

import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from ssagan_jax import models
from ssagan_jax.distributed import sharding
from ssagan_jax.losses import DISCRIMINATOR, GENERATOR, LossInputs
from ssagan_jax.models.layers.compute import Compute, with_compute
from ssagan_jax.models.layers.norm import BatchNorm
from ssagan_jax.ops import collectives
from ssagan_jax.types import Generated, Judged
from tests.helpers.stubs import leaves, variables

SIZE, FRAMES = 12, 3
AXES = ("data", "fsdp")
MESH = Mesh(np.asarray(jax.devices()).reshape(2, 2), AXES)
DRAW = np.random.default_rng(0)
CLIPS = DRAW.uniform(-0.4, 1, (8, FRAMES, SIZE, SIZE, 3)).astype(np.float32)
CLIPS *= np.linspace(0.2, 1, 8, dtype=np.float32).reshape(8, 1, 1, 1, 1)  # clips that differ
CLIPS[5, 0, 0, 0, 0] = -0.6  # the only value that tells SSIM that the range is [-1, 1]
PARAMS = {
    "kernel": DRAW.normal(size=(3, 3)).astype(np.float32),
    "norm": {"scale": np.ones(3, np.float32), "bias": np.zeros(3, np.float32)},
}
STATS = {"mean": np.zeros(3, np.float32), "var": np.ones(3, np.float32)}


def normalised(params, clips, axis_names, repeats=None):
    """A product and a batch norm, and the statistics it leaves."""
    tree = {"params": params["norm"], "batch_stats": STATS}
    x = clips @ params["kernel"]
    norm = BatchNorm(compute=Compute(axis_names=axis_names))
    return norm.apply(tree, x, train=True, repeats=repeats, mutable="batch_stats")


def norm(params, clips, rng, axis_names=(), repeats=None):
    y, left = normalised(params, clips, axis_names, repeats)
    return jnp.mean(jnp.square(jnp.tanh(y) - clips)), left


def folded_norm(params, clips, rng, axis_names=()):
    return norm(params, clips, rng, axis_names, repeats=(1, 6, 1))


def inputs(params, clips, rng, axis_names):
    def judge(clip):
        y, _ = normalised(params, clip, axis_names)
        # Not linear or square: of those, a norm makes sums that are always the same.
        return Judged(logits=20 * jnp.tanh(y + clip).mean((1, 2, 3)))

    fake = 0.9 * clips @ (jnp.eye(3) + 0.1 * params["kernel"])
    return LossInputs(clips, Generated(clip=fake), None, judge(fake), rng, judge, judge, axis_names)


def ssim(params, clips, rng, axis_names=()):
    return GENERATOR["ssim"](inputs(params, clips, rng, axis_names)), {}


def penalty(params, clips, rng, axis_names=()):
    return DISCRIMINATOR["gradient_penalty"](inputs(params, clips, rng, axis_names)), {}


CASES = {
    "norm": (norm, PARAMS),
    "folded_norm": (folded_norm, PARAMS),
    "ssim": (ssim, PARAMS),
    "penalty": (penalty, PARAMS),
}


def ways(loss, params):
    """Value, what it leaves, and gradients: of the whole batch; of four devices that share it;
    and of four that do not know of each other, averaged.
    """
    rng = jax.random.key(3)

    def found(params, clips, rng, axis_names=()):
        value_and_grad = jax.value_and_grad(partial(loss, axis_names=axis_names), has_aux=True)
        (value, left), grads = value_and_grad(params, clips, rng)
        return {"value": value, "left": left, "grads": grads}

    def of_device(params, _, clips, rng):
        return collectives.pmean_at_once(found(params, clips, rng, AXES), AXES)

    parts = CLIPS.reshape(4, 2, *CLIPS.shape[1:])
    apart = jax.jit(jax.vmap(found, (None, 0, None)))(params, parts, rng)
    return {
        "whole": jax.jit(found)(params, CLIPS, rng),
        "shared": jax.jit(sharding.data_parallel(of_device, MESH))(params, {}, CLIPS, rng),
        "apart": jax.tree.map(lambda x: x.mean(0), apart),
    }


def on_devices(function):
    """``function`` of each device's clips, whose results stand one after the other."""
    axes = PartitionSpec(AXES)
    mapped = jax.shard_map(function, mesh=MESH, in_specs=axes, out_specs=axes, check_vma=False)
    return jax.jit(mapped)


def functions(x):
    """What the collectives make of a number on each device."""
    return {
        "axis_size": jnp.full_like(x, collectives.axis_size(AXES)),
        "pmean": collectives.pmean(x, AXES),
        "pmin": collectives.pmin(x, AXES),
        "at_once": collectives.pmean_at_once({"a": x, "b": -x}, AXES),
        "local_rows": collectives.local_rows(jnp.arange(8), AXES),
    }


def noise(module, state, frames):
    """Clips of a generator that draws noise, with running statistics: nothing else joins them."""
    return module.apply(state, frames, train=False, rngs={"noise": jax.random.key(0)}).clip


def tgan():
    """By one device and by four, of the same photo eight times."""
    module = models.generator("tgan", size=32, frames=8, features=1, latent=3)
    frames = np.ones((8, 32, 32, 3), np.float32)
    state = variables(module, frames)
    state["params"] = jax.tree.map(lambda x: 4 * x, state["params"])  # or noise hardly shows
    alone, shared = (
        partial(noise, m, state) for m in (module, with_compute(module, axis_names=AXES))
    )
    return {"whole": jax.jit(alone)(frames), "shared": on_devices(shared)(frames)}


def main(path):
    found = {"functions": on_devices(functions)(np.float32([3, 1, 4, 1.5])), "tgan": tgan()}
    found |= {name: ways(*case) for name, case in CASES.items()}
    np.savez(path, **{name: np.asarray(x) for name, x in leaves(found).items()})


if __name__ == "__main__":
    main(sys.argv[1])
