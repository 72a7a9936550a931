"""Trains a few steps on one, two, four and eight devices and keeps the states: see
test_multi_device.

A real SSA-GAN by gradient descent, and stubs: by descent on every number of devices, by Adam with
the parameters split too.

XLA_FLAGS=--xla_force_host_platform_device_count=8 python tests/devices.py OUT.npz [ATTENTION]

With a kind of attention, that kind only.
"""

import dataclasses
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from ssagan_jax import models, sharding
from ssagan_jax.train.step import train_step
from tests.stubs import clips, drawn_state, leaves, make_gan

SMALL = dict(size=32, frames=8, features=2)
# Without L1, whose gradient is a sign: rounding flips it, which the norm behind it magnifies.
SMOOTH = {"vanilla": 1.0, "ssim": 10.0}
# Kernels and their Adam states split over "model" in the output channels.
RULES = [("kernel$", (None, "model"))]


def descending(**networks):
    gan = make_gan(sgd=True, **networks)
    return dataclasses.replace(gan, learning_rate=lambda step: jnp.asarray(0.01))


def ssagan(attention="per_frame"):
    return descending(
        generator=models.generator("ssagan", **SMALL, attention=attention),
        discriminator=models.discriminator("mdgan", **SMALL),
        generator_losses=SMOOTH,
    )


def mesh_of(count, *more):
    """The first devices, all along "data"; or (axis, size) pairs."""
    axes = more or (("data", count),)
    devices = np.asarray(jax.devices()[:count]).reshape([size for _, size in axes])
    return Mesh(devices, [name for name, _ in axes])


def attending(path, leaf):
    """Gammas at 0.5: at 0, where they start, all kinds of attention agree."""
    return np.full_like(leaf, 0.5) if "gamma" in jax.tree_util.keystr(path[-1:]) else leaf


def train(gan, batches, mesh, rules=()):
    """The metrics and the state after these batches, with each leaf's shape on one device."""
    state = jax.tree_util.tree_map_with_path(attending, drawn_state(gan))
    places = sharding.state_sharding(mesh, state, rules)
    place = sharding.batch_sharding(mesh, len(batches[0]))
    gan = dataclasses.replace(gan, gather=sharding.gather(places))
    step = jax.jit(
        partial(train_step, gan, update_generator=True),
        in_shardings=(places, {"clip": place}),
        out_shardings=(places, sharding.replicated(mesh)),
    )
    state = jax.device_put(state, places)
    for batch in batches:
        batch = sharding.put_batch({"clip": batch}, place)
        assert len(batch["clip"].addressable_shards) == mesh.size
        state, metrics = step(state, batch)
    found = {f"metrics/{name}": leaf for name, leaf in metrics.items()}
    for name, leaf in leaves(state).items():
        found[f"state/{name}"] = leaf
        found[f"shard/{name}"] = leaf.addressable_shards[0].data.shape
    return {name: np.asarray(value) for name, value in found.items()}


def main(path, *attention):
    sharding.LARGE = 2**8  # so that there are large arrays
    small = [clips(8, seed=seed) for seed in range(3)]
    large = [clips(8, size=32, frames=8, seed=seed) for seed in range(3)]
    fsdp = mesh_of(8, ("data", 2), ("fsdp", 4))
    runs = {
        "sgd/one": train(ssagan(*attention), large, mesh_of(1)),
        "sgd/eight": train(ssagan(*attention), large, fsdp),
    }
    if not attention:
        runs |= with_stubs(small)
    flat = {f"{run}/{name}": value for run, found in runs.items() for name, value in found.items()}
    np.savez(path, **flat)


def with_stubs(small):
    runs = {
        "adam/one": train(make_gan(), small, mesh_of(1)),
        "adam/four_by_two": train(make_gan(), small, mesh_of(8, ("data", 4), ("model", 2)), RULES),
    }
    smooth = descending(generator_losses=SMOOTH)
    for count in (1, 2, 4, 8):
        runs[f"stub/{count}"] = train(smooth, small, mesh_of(count))
    return runs


if __name__ == "__main__":
    main(*sys.argv[1:])
