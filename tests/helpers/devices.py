r"""Trains a few steps on one, two, four and eight devices: see test_multi_device.

Keeps the states, and what the devices send each other.

A real SSA-GAN by gradient descent, and stubs: by descent on every number of devices, by Adam with
the parameters split too.

XLA_FLAGS=--xla_force_host_platform_device_count=8 python tests/helpers/devices.py OUT.npz \
    [RECIPE KIND CHANGES MESH...]

With a recipe (poster, author), a kind of attention and changes of the GAN in JSON: that SSA-GAN
only, on these of ``MESHES``. A recipe may also be another model (``OTHERS``); it has no kinds.
"""

import dataclasses
import json
import re
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from ssagan_jax import models
from ssagan_jax.distributed import sharding
from ssagan_jax.distributed.compiled_collectives import read_collectives
from ssagan_jax.training.state import create
from ssagan_jax.training.step import STEPS
from tests.helpers.stubs import clips, drawn_state, leaves, make_gan

SMALL = dict(size=32, frames=8, features=2)
# Without L1, whose gradient is a sign: rounding flips it, which the norm behind it magnifies.
SMOOTH = {"vanilla": 1.0, "ssim": 10.0}
# The penalty's gradients are tens long: at the poster's rate each step magnifies rounding tenfold.
AUTHOR = dict(
    generator_losses={"wasserstein": 1.0, "ssim": 1.0},
    discriminator_losses={"wasserstein": 1.0, "gradient_penalty": 10.0},
    rate=0.001,
)
# Each by what it alone has: noise and clipped kernels, a mask, statistics of each step, two stages.
OTHERS = {
    "tgan": (
        dict(latent=4),
        dict(constrain_every=2),
        dict(generator_losses={"wasserstein": 1.0}, discriminator_losses={"wasserstein": 1.0}),
    ),
    "vgan": ({}, {}, dict(generator_losses={"vanilla": 1.0, "mask_sparsity": 0.1})),
    "rnngan": ({}, {}, dict(generator_losses={"vanilla": 1.0})),
    "mdgan": (dict(stage=2), {}, dict(generator_losses={"vanilla": 1.0, "ranking": 0.01})),
    "ssagan": (  # with a wind
        dict(output="warp", wind="given", norm="instance"),
        None,
        dict(generator_losses={"vanilla": 1.0, "ssim": 1.0, "wind_likelihood": 0.1}),
    ),
}
# Kernels and their Adam states split over "model" in the output channels.
RULES = [("kernel$", (None, "model"))]
MESHES = {
    "one": [("data", 1)],
    "two": [("data", 2)],
    "four": [("data", 4)],
    "eight": [("data", 8)],
    "fsdp": [("data", 2), ("fsdp", 4)],
}


def descending(*, rate=0.01, **networks):
    gan = make_gan(sgd=True, **networks)
    return dataclasses.replace(gan, learning_rate=lambda step: jnp.asarray(rate))


def other(name):
    generator, discriminator, options = OTHERS[name]
    return descending(
        generator=models.generator(name, **SMALL, **generator),
        discriminator=models.discriminator(
            "mdgan" if discriminator is None else name, **SMALL, **(discriminator or {})
        ),
        **options,
    )


def ssagan(recipe="poster", attention="per_frame", remat="none", **changes):
    author = recipe == "author"
    judge = dict(sigmoid=True, last_slope=0.01) if author else {}
    return descending(
        generator=models.generator("ssagan", **SMALL, attention=attention, remat=remat),
        discriminator=models.discriminator("mdgan", **SMALL, **judge, remat=remat),
        **(AUTHOR if author else dict(generator_losses=SMOOTH)),
        **changes,
    )


def mesh_of(axes):
    """The first devices, in the shape of the (axis, size) pairs."""
    sizes = [size for _, size in axes]
    devices = np.asarray(jax.devices()[: np.prod(sizes)]).reshape(sizes)
    return Mesh(devices, [name for name, _ in axes])


def attending(path, leaf):
    """Gammas at 0.5: at 0, where they start, all kinds of attention agree."""
    return np.full_like(leaf, 0.5) if "gamma" in jax.tree_util.keystr(path[-1:]) else leaf


def train(gan, batches, axes, rules=()):
    """The metrics and the state after these batches, each leaf's shape on one device; and of each
    program the collectives, and the shapes of what is summed last.
    """
    mesh = mesh_of(axes)
    state = jax.tree_util.tree_map_with_path(attending, drawn_state(gan))
    shardings = sharding.state_sharding(mesh, state, rules)
    on_batch = sharding.batch_sharding(mesh, len(batches[0]))
    gan = gan.on_mesh(mesh)
    batches = [with_winds(clip) if gan.takes_wind else {"clip": clip} for clip in batches]
    lowered = {
        role: jax.jit(
            partial(STEPS[role], gan),
            in_shardings=(shardings, dict.fromkeys(batches[0], on_batch)),
            out_shardings=(shardings, sharding.replicated(mesh)),
        ).lower(state, jax.tree.map(jax.typeof, batches[0]))
        for role in gan.programs
    }
    programs = {role: program.compile() for role, program in lowered.items()}
    state = jax.device_put(state, shardings)
    for batch in batches:
        batch = sharding.put_batch(batch, on_batch)
        assert len(batch["clip"].addressable_shards) == mesh.size
        metrics = {}
        for program in programs.values():
            state, more = program(state, batch)
            metrics |= more
    found = {f"metrics/{name}": leaf for name, leaf in metrics.items()}
    for name, leaf in leaves(state).items():
        found[f"state/{name}"] = leaf
        found[f"shard/{name}"] = leaf.addressable_shards[0].data.shape
    for role, program in programs.items():
        sent = read_collectives(program.as_text())
        found[f"sent/{role}"] = json.dumps([dataclasses.asdict(one) for one in sent])
        found[f"together/{role}"] = json.dumps(summed_last(lowered[role].as_text()))
    return {name: np.asarray(value) for name, value in found.items()}


def with_winds(clip):
    """A batch whose clips have different winds."""
    angles = np.arange(len(clip), dtype=np.float32)
    wind = 0.02 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return {"clip": clip, "wind": wind}


def summed_last(program):
    """Shapes of what devices add up after the last barrier of a program that XLA is given."""
    main = program.partition("func.func public @main")[2].partition("func.func private")[0]
    after = main.rpartition("stablehlo.optimization_barrier")[2]
    types = re.findall(r'"stablehlo\.all_reduce".*?\}\) : \(tensor<(.*?)f32>\)', after, re.DOTALL)
    return [[int(size) for size in sizes.split("x") if size] for sizes in types]


def new(gan, axes):
    """A fresh state as ``training.loop`` draws it."""
    shardings = sharding.state_sharding(mesh_of(axes), jax.eval_shape(partial(create, gan), 0))
    state = jax.jit(partial(create, gan), out_shardings=shardings)(0)
    return {f"state/{name}": np.asarray(leaf) for name, leaf in leaves(state).items()}


def main(path, recipe="poster", attention="per_frame", changes="{}", *meshes):
    sharding.LARGE = 2**8  # so that there are large arrays
    chosen = meshes or ("one", "eight", "fsdp")
    gan = other(recipe) if recipe in OTHERS else ssagan(recipe, attention, **json.loads(changes))
    count = 8 * gan.micro_batches  # a clip of each part for each of eight devices
    # With the first ones, rounding by four devices moves an input of a leaky ReLU over 0 somewhere,
    # which the penalty's gradients make a thousandth of the state.
    seeds = range(3, 6) if recipe == "author" else range(3)
    large = [clips(count, size=32, frames=8, seed=seed) for seed in seeds]
    runs = {name: train(gan, large, MESHES[name]) for name in chosen}
    if not meshes:
        runs |= with_stubs([clips(8, seed=seed) for seed in range(3)])
        runs |= {f"new/{name}": new(gan, MESHES[name]) for name in ("one", "fsdp")}
    flat = {f"{run}/{name}": value for run, found in runs.items() for name, value in found.items()}
    np.savez(path, **flat)


def with_stubs(small):
    runs = {
        "adam/one": train(make_gan(), small, MESHES["one"]),
        "adam/four_by_two": train(make_gan(), small, [("data", 4), ("model", 2)], RULES),
    }
    smooth = descending(generator_losses=SMOOTH)
    for count in (1, 2, 4, 8):
        runs[f"stub/{count}"] = train(smooth, small, [("data", count)])
    in_parts = dataclasses.replace(smooth, micro_batches=2)
    for count in (1, 4):
        runs[f"parts/{count}"] = train(in_parts, small, [("data", count)])
    together = dataclasses.replace(smooth, together=True)
    for count in (1, 4):
        runs[f"both/{count}"] = train(together, small, [("data", count)])
    return runs


if __name__ == "__main__":
    main(*sys.argv[1:])
