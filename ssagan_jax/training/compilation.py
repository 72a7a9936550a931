"""The training step's programs, compiled before the first batch."""

import contextlib
import ctypes
import time
from functools import partial

import jax
import numpy as np
from jax.sharding import Mesh
from jax.stages import Compiled

from ssagan_jax.distributed import sharding
from ssagan_jax.training.gan import Gan
from ssagan_jax.training.state import GanState
from ssagan_jax.training.step import STEPS

# By platform. XLA's usual order of a CPU program is made for computing much at once, and so holds
# more activations at a time; here each operation already uses all cores (docs/memory.md).
OPTIONS: dict[str, dict[str, str | bool]] = {
    "cpu": {"xla_cpu_scheduler_type": "CPU_SCHEDULER_TYPE_MEMORY_OPTIMIZED"}
}


def compile_steps(
    gan: Gan, mesh: Mesh, abstract: GanState, shardings: GanState, *, batch_size: int
) -> dict[str, Compiled]:
    """Compiles the updates of both networks (``step.STEPS``), by name.

    What was traced before in this process is forgotten, by all of JAX: see ``_release_memory``.

    Args:
      abstract: shapes and dtypes of the state.
      shardings: of each of its arrays.
      batch_size: clips over all devices and processes.

    Raises:
      ValueError: if the batch cannot be split over the mesh.
    """
    clips = sharding.batch_sharding(mesh, batch_size, parts=gan.micro_batches)
    print("Compiling the training step. Later starts take it from the compilation cache.")
    started, steps = time.time(), {}
    gan = gan.on_mesh(mesh)
    batch = abstract_batch(gan, batch_size)
    for role in gan.programs:
        step = jax.jit(
            partial(STEPS[role], gan),
            in_shardings=(shardings, dict.fromkeys(batch, clips)),
            out_shardings=(shardings, sharding.replicated(mesh)),
            donate_argnums=0,
        )
        options = OPTIONS.get(mesh.devices.flat[0].platform)
        steps[role] = step.lower(abstract, batch).compile(options)
        _release_memory()
    print(f"Compiled in {time.time() - started:.0f} s.")
    return steps


def abstract_batch(gan: Gan, batch_size: int) -> dict[str, jax.ShapeDtypeStruct]:
    """Shape and dtype of what the step takes: a batch as the pipeline gives it."""
    size, frames = gan.generator.size, gan.generator.frames
    of_one = {
        "clip": ((frames, size, size, 3), np.uint8),
        "wind": ((2,), np.float32),
        "moving": ((size, size), np.float32),
        "mask": ((size, size), np.float32),
    }
    shapes = {name: of_one[name] for name in gan.arrays}
    return {
        k: jax.ShapeDtypeStruct((batch_size, *shape), dtype) for k, (shape, dtype) in shapes.items()
    }


def _release_memory():
    """Gives the system back what tracing and compiling took, which only JAX's caches hold.

    The compiled programs stay; another call of a jitted function traces it again. The C library
    keeps freed memory in pieces that the step's large buffers do not fit in, unless asked (glibc).
    """
    jax.clear_caches()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
