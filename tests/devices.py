"""Trains a few steps on one and on eight devices and keeps the states: see test_multi_device.

A real SSA-GAN by gradient descent, and a stub by Adam with its parameters split too.

XLA_FLAGS=--xla_force_host_platform_device_count=8 python tests/devices.py OUT.npz
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
# Kernels and their Adam states split over "model" in the output channels.
FSDP = [("kernel$", (None, "model")), ("kernel$", (None, None, None, None, "model"))]


def ssagan():
    gan = make_gan(
        sgd=True,
        generator=models.generator("ssagan", **SMALL),
        discriminator=models.discriminator("mdgan", **SMALL),
    )
    return dataclasses.replace(gan, learning_rate=lambda step: jnp.asarray(0.01))


def meshes():
    one = Mesh(np.asarray(jax.devices()[:1]), ("data",))
    eight = sharding.make_mesh((("data", -1),))
    return one, eight, sharding.make_mesh((("data", 4), ("model", -1)))


def train(gan, batches, mesh, rules=()):
    """The metrics and the state after these batches, with each leaf's shape on one device."""
    state = drawn_state(gan)
    places = sharding.state_sharding(mesh, state, rules)
    place = sharding.batch_sharding(mesh, len(batches[0]))
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


def main(path):
    one, eight, four_by_two = meshes()
    small = [clips(8, seed=seed) for seed in range(3)]
    large = [clips(8, size=32, frames=8, seed=seed) for seed in range(3)]
    runs = {
        "sgd/one": train(ssagan(), large, one),
        "sgd/eight": train(ssagan(), large, eight),
        "adam/one": train(make_gan(), small, one),
        "adam/four_by_two": train(make_gan(), small, four_by_two, FSDP),
    }
    flat = {f"{run}/{name}": value for run, found in runs.items() for name, value in found.items()}
    np.savez(path, **flat)


if __name__ == "__main__":
    main(sys.argv[1])
