"""The training step's two programs, compiled before the first batch."""

import contextlib
import ctypes
import time
from collections.abc import Mapping
from functools import partial

import jax
import numpy as np

from ssagan_jax.distributed import sharding
from ssagan_jax.training.gan import Gan
from ssagan_jax.training.state import GanState
from ssagan_jax.training.step import STEPS

# By platform. XLA's usual order of a CPU program is made for computing much at once, and so holds
# more activations at a time; here each operation already uses all cores (docs/memory.md).
OPTIONS = {"cpu": {"xla_cpu_scheduler_type": "CPU_SCHEDULER_TYPE_MEMORY_OPTIMIZED"}}


def compile_steps(config: Mapping, gan: Gan, mesh, abstract: GanState, places) -> dict:
    """{"discriminator" and "generator": the compiled update}, see ``step.STEPS``.

    What was traced before in this process is forgotten, by all of JAX: see ``_release``.
    """
    batch = sharding.batch_sharding(mesh, config["batch_size"], parts=gan.micro_batches)
    print("Compiling the training step. Later starts take it from the compilation cache.")
    started, steps = time.time(), {}
    gan = gan.on_mesh(mesh)
    for role, update in STEPS.items():
        step = jax.jit(
            partial(update, gan),
            in_shardings=(places, {"clip": batch}),
            out_shardings=(places, sharding.replicated(mesh)),
            donate_argnums=0,
        )
        options = OPTIONS.get(mesh.devices.flat[0].platform)
        steps[role] = step.lower(abstract, abstract_batch(config)).compile(options)
        _release()
    print(f"Compiled in {time.time() - started:.0f} s.")
    return steps


def abstract_batch(config: Mapping) -> dict[str, jax.ShapeDtypeStruct]:
    """Shape and dtype of what the step takes: a batch as the pipeline gives it."""
    size, frames = config["dataset"]["size"], config["dataset"]["frames"]
    shape = (config["batch_size"], frames, size, size, 3)
    return {"clip": jax.ShapeDtypeStruct(shape, np.uint8)}


def _release():
    """Gives the system back what tracing and compiling took, which only JAX's caches hold.

    The compiled programs stay; another call of a jitted function traces it again. The C library
    keeps freed memory in pieces that the step's large buffers do not fit in, unless asked (glibc).
    """
    jax.clear_caches()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
