"""What a configuration needs, before it runs: ``ssagan doctor --config=FILE``."""

import os
import platform
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import jax

import ssagan_jax
from ssagan_jax import data
from ssagan_jax.config.schema import Config
from ssagan_jax.distributed import sharding, topologies
from ssagan_jax.distributed.compiled_collectives import (
    describe_collectives,
    mean_step_collectives,
    read_collectives,
    summarise_collectives,
)
from ssagan_jax.models.variables import Tree
from ssagan_jax.training import flops
from ssagan_jax.training.compilation import abstract_batch, compile_steps
from ssagan_jax.training.cycles import estimate_cycles
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.state import create
from ssagan_jax.training.step import STEPS

LESS_MEMORY = (
    "Try config.precision=bfloat16, config.remat=levels, a larger config.micro_batches, or a "
    "smaller config.batch_size, config.generator.features or config.dataset.size."
)
GIB = 2**30


def examine(config: Config, devices: Sequence[Any] | None = None) -> dict[str, Any]:
    """Compiles the training step of a configuration, without running it.

    Args:
      devices: that it is compiled for, others than those that are here (see ``topologies``).

    Returns:
      ``parameters``: {role: count}; ``programs``: {role: what its compiled update
      takes}, each with ``flops`` (see ``flops.count``), ``compiled_flops`` (XLA's count, loops
      once), in bytes on each device ``arguments`` (state and batch), ``temporary``, ``peak`` and
      ``accessed`` (read and written, by XLA's count, loops once), ``cycles`` (see
      ``estimate_cycles``), and ``communication`` between devices (see ``summarise_collectives``).

    Raises:
      ValueError: for a configuration that cannot work.
    """
    devices = jax.devices() if devices is None else devices
    mesh = sharding.make_mesh(config.mesh.axes, devices)
    gan = build_gan(config).with_compute(platform=devices[0].platform)
    batch_size = config.schedule.batch_size
    abstract = jax.eval_shape(partial(create, gan), config.seed)
    shardings = sharding.state_sharding(mesh, abstract, config.mesh.sharding_rules)
    steps = compile_steps(gan, mesh, abstract, shardings, batch_size=batch_size)
    batch, programs = abstract_batch(gan, batch_size), {}
    for role, step in steps.items():
        update = partial(STEPS[role], gan)
        programs[role] = {"flops": flops.count(update, abstract, batch), **_measure(step)}
    roles = ("generator", "discriminator")
    sizes = {role: _count_parameters(getattr(abstract, role).params) for role in roles}
    return {"parameters": sizes, "programs": programs}


def _measure(step: Any) -> dict[str, Any]:
    memory, costs, text = step.memory_analysis(), step.cost_analysis(), step.as_text()
    arguments, temporary = memory.argument_size_in_bytes, memory.temp_size_in_bytes
    new = memory.output_size_in_bytes - memory.alias_size_in_bytes
    return {
        "compiled_flops": int(costs.get("flops", 0)),
        "accessed": int(costs.get("bytes accessed", 0)),
        "cycles": estimate_cycles(text),
        "arguments": arguments,
        "temporary": temporary,
        "peak": arguments + new + temporary,
        "communication": summarise_collectives(read_collectives(text)),
    }


def _count_parameters(tree: Tree) -> int:
    return sum(leaf.size for leaf in jax.tree.leaves(tree))


def describe_needs(config: Config, *, topology: str = "") -> str:
    """What ``examine`` finds, beside the machine, and what to change if it is too much.

    Args:
      topology: a TPU slice that is not here, to compile for: see ``topologies.devices``.
    """
    clips = _find_clips(config)  # an unknown name is said before anything is compiled
    devices = topologies.devices(topology) if topology else jax.devices()
    found = examine(config, devices)
    peak = max(program["peak"] for program in found["programs"].values())
    rows = [*_machine(devices), *_asked(config), ("data set", clips)]
    for role, count in found["parameters"].items():
        rows.append((role, f"{getattr(config, role).name}, {count:,} parameters"))
    sent = {role: program["communication"] for role, program in found["programs"].items()}
    for role, program in found["programs"].items():
        name = "both updates" if role == "together" else f"{role}'s update"
        rows.append((name, _text(program)))
        rows.append(("  between devices", describe_collectives(sent[role])))
    mean = mean_step_collectives(sent, config.schedule.n_critic)
    rows.append(("between devices, a step", describe_collectives(mean)))
    memory = None if topology else device_memory()
    room = "it has unknown" if memory is None else f"it has {memory / GIB:.1f} GiB"
    room = "it fits, or the compiler would have refused" if topology else room
    rows.append(("peak memory", f"{peak / GIB:.2f} GiB predicted per device; {room}"))
    lines = [f"{name:<24}{text}" for name, text in rows]
    if memory is not None and peak > memory:
        lines.append("\nThis will not fit.")
    return "\n".join([*lines, "", f"For less memory: {LESS_MEMORY}"])


def _find_clips(config: Config) -> str:
    """What is known of the data set here; raises ValueError for an unknown one."""
    asked = config.dataset
    try:
        data.check_there(asked.name, data_dir=asked.data_dir or None)
    except (OSError, ImportError) as fault:  # of a bucket, too: the machine may be another one
        return str(fault)
    return asked.name


def _machine(devices: Sequence[Any]) -> list[tuple[str, str]]:
    packages = ", ".join(f"{name} {version(name)}" for name in ("jax", "flax", "optax"))
    return [
        ("devices", f"{len(devices)} x {devices[0].device_kind} ({devices[0].platform})"),
        (
            "versions",
            f"ssagan_jax {ssagan_jax.__version__}, {packages}, Python {platform.python_version()}",
        ),
    ]


def _asked(config: Config) -> list[tuple[str, str]]:
    network, schedule = config.generator, config.schedule
    size = f"{network.size} x {network.size} x {network.frames}"
    options = f"precision {network.precision}, remat {network.remat}"
    text = f"batches of {schedule.batch_size} clips of {size}; {options}"
    return [("configuration", f"{text}, micro_batches {schedule.micro_batches}")]


def _text(program: Mapping[str, Any]) -> str:
    text = (
        f"{program['flops'] / 1e9:,.1f} GFLOP in products and convolutions "
        f"({program['compiled_flops'] / 1e9:,.1f} by XLA's count, loops once); "
        f"{program['arguments'] / GIB:.2f} GiB of state and batch, "
        f"{program['temporary'] / GIB:.2f} GiB besides"
    )
    if program["cycles"] is None:
        return text
    return f"{text}; {program['cycles'] / 1e6:,.1f} million cycles by the compiler's estimates"


def device_memory() -> int | None:
    """Bytes that one device has, the host's for a CPU; None where nobody says."""
    device = jax.local_devices()[0]
    limit = (device.memory_stats() or {}).get("bytes_limit")
    if limit is None and device.platform == "cpu" and hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return limit
