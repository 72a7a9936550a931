"""From a PyTorch file of the authors to a module and its variables."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import flax
import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from ssagan_jax import models
from ssagan_jax.checkpoints.torch import fields, files, layout, names
from ssagan_jax.models.variables import initialise

MODELS = ("ssagan", "mdgan")
ROLES = ("generator", "discriminator")
STAGES = (1, 2)


def load_torch(
    path: str | Path, *, model: str = "ssagan", role: str = "generator", stage: int = 1
) -> tuple[nn.Module, dict[str, Any]]:
    """A module that computes what the authors' does, and the file's weights for it.

    ``module.apply(variables, frame, train=False).clip`` is the clip; of a discriminator,
    ``module.apply(variables, clip, train=False)`` is ``Judged``. With ``stage=2`` the module is
    the second network alone: a frame is repeated over time, a clip is used as it is.

    Args:
      path: a state dict, as ``torch.save`` writes it.
      model: ``ssagan`` or ``mdgan``.
      role: ``generator`` or ``discriminator``.
      stage: 1 or 2, of a generator; but for MD-GAN's of 64 pixels, the files do not tell. One
        discriminator serves both stages: leave it out there.

    Returns:
      The module (sizes and options as found in the file), and its variables as NumPy arrays.

    Raises:
      FileNotFoundError, ImportError, ValueError: as ``files.read_state_dict``.
      ValueError: for names that are unknown, missing or of another shape, listing them all.
    """
    network, variables = read_network(path, model=model, role=role, stage=stage)
    return make_module(network, role), variables


def read_network(
    path: str | Path, *, model: str, role: str, stage: int
) -> tuple[fields.Network, dict[str, Any]]:
    """What ``load_torch`` does, with the description of the network for the module."""
    for option, value, known in (
        ("model", model, MODELS),
        ("role", role, ROLES),
        ("stage", stage, STAGES),
    ):
        if value not in known:
            raise ValueError(f"{option} must be one of {', '.join(map(str, known))}, not {value}.")
    if role == "discriminator" and stage != 1:
        raise ValueError(f"A discriminator has no stage: leave stage={stage} out.")
    state = files.read_state_dict(path)
    shapes = {name: array.shape for name, array in state.items()}
    if role == "discriminator":
        network = fields.detect_discriminator(shapes)
    else:
        network = fields.detect_generator(shapes, model=model, stage=stage)
    wanted = expected_shapes(make_module(network, role), role)
    return network, convert_arrays(state, network, wanted)


def make_module(network: fields.Network, role: str) -> nn.Module:
    """The module of a network that was found in a file."""
    build = models.discriminator if role == "discriminator" else models.generator
    return build(network.name, **network.fields)


def expected_shapes(module: nn.Module, role: str) -> dict[str, layout.Shape]:
    """The shape of every variable of a module, by path."""
    frames = () if role == "generator" else (module.frames,)
    example = jax.ShapeDtypeStruct((1, *frames, module.size, module.size, 3), jnp.float32)
    params, stats = jax.eval_shape(partial(initialise, module), jax.random.key(0), example)
    tree = flax.traverse_util.flatten_dict({"params": params, **stats}, sep="/")
    return {path: leaf.shape for path, leaf in tree.items()}


def convert_arrays(
    state: Mapping[str, np.ndarray], network: fields.Network, wanted: Mapping[str, layout.Shape]
) -> dict[str, Any]:
    """The file's arrays as the variables of a module.

    Args:
      state: PyTorch name -> array.
      network: what they are of.
      wanted: variable's path -> shape.

    Raises:
      ValueError: listing every name that is unknown, missing or of another shape.
    """
    places = {name: place for name, place in network.table.items() if place.path in wanted}
    used = {name: array for name, array in state.items() if not _ignored(name, network.unused)}
    _refuse_difference(used, places, wanted)
    variables = {}
    for name, array in used.items():
        place = places[name]
        kernel = None
        if place.kind == names.REST:
            kernel = wanted[places[name.replace("weight_v", "weight_orig")].path]
        variables[place.path] = np.array(layout.to_ours(array, place.kind, kernel), order="C")
    return flax.traverse_util.unflatten_dict(variables, sep="/")


def _ignored(name: str, unused: Any) -> bool:
    """Counts of batches, which nothing reads, and blocks that are never called."""
    return name.endswith(".num_batches_tracked") or name.startswith(unused)


def _refuse_difference(state, places, wanted):
    shapes = {name: layout.in_file(wanted[p.path], p.kind) for name, p in places.items()}
    lines = [f"  missing: {name} {shapes[name]}" for name in shapes if name not in state]
    for name, array in state.items():
        if name not in shapes:
            lines.append(f"  unknown: {name} {array.shape}")
        elif array.shape != shapes[name]:
            lines.append(f"  shape: {name} is {array.shape}, expected {shapes[name]}")
    if lines:
        raise ValueError(
            "The file is not of the network that model, role and stage name:\n" + "\n".join(lines)
        )
