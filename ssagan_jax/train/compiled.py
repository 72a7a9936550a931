"""The training step's two programs, compiled before the first batch."""

import dataclasses
import time
from collections.abc import Mapping
from functools import partial

import jax
import numpy as np

from ssagan_jax import sharding
from ssagan_jax.train.state import Gan, GanState
from ssagan_jax.train.step import STEPS


def compile_steps(config: Mapping, gan: Gan, mesh, abstract: GanState, places) -> dict:
    """{"discriminator" and "generator": the compiled update}, see ``step.STEPS``."""
    batch = sharding.batch_sharding(mesh, config["batch_size"], parts=gan.micro_batches)
    print("Compiling the training step. Later starts take it from the compilation cache.")
    started, steps = time.time(), {}
    gan = dataclasses.replace(gan, spread=sharding.spread(mesh))
    for role, update in STEPS.items():
        step = jax.jit(
            partial(update, gan),
            in_shardings=(places, {"clip": batch}),
            out_shardings=(places, sharding.replicated(mesh)),
            donate_argnums=0,
        )
        steps[role] = step.lower(abstract, abstract_batch(config)).compile()
    print(f"Compiled in {time.time() - started:.0f} s.")
    return steps


def abstract_batch(config: Mapping) -> dict[str, jax.ShapeDtypeStruct]:
    """Shape and dtype of what the step takes: a batch as the pipeline gives it."""
    size, frames = config["dataset"]["size"], config["dataset"]["frames"]
    shape = (config["batch_size"], frames, size, size, 3)
    return {"clip": jax.ShapeDtypeStruct(shape, np.uint8)}
