"""How a network computes what it computes: where, in which precision, and what it keeps."""

import dataclasses
from typing import Any

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array

from ssagan_jax.models.layers.pooled_initialization import Draw, draw_by_key
from ssagan_jax.ops.collectives import AxisNames

# The dtype of the activations. Parameters, statistics and outputs are float32 in either case.
PRECISIONS = {"float32": jnp.float32, "bfloat16": jnp.bfloat16}
# ``levels``: of each level only its input is kept for the gradient, the rest computed again.
REMATS = ("none", "levels")


@dataclasses.dataclass(frozen=True)
class Compute:
    """What all layers of a network share: a module hands its own to each of its parts.

    Attributes:
      axis_names: axes of the mesh whose devices share the batch, within ``jax.shard_map``; ()
        where the module sees all of it. What joins clips or draws for them needs them.
      platform: ``cpu``, ``gpu`` or ``tpu``: decides between forms of the same computation. None:
        that of this process.
      draw: where initial values come from.
    """

    axis_names: AxisNames = ()
    platform: str | None = None
    draw: Draw = draw_by_key


DEFAULT = Compute()


def with_compute(module: nn.Module, **changes: Any) -> nn.Module:
    """The module with other values in its ``compute``; one without that field stays as it is."""
    if not hasattr(module, "compute"):
        return module
    return module.clone(compute=dataclasses.replace(module.compute, **changes))


def check_precision(precision: str, remat: str) -> None:
    """Raises ValueError for an unknown precision or rematerialisation."""
    for field, value, known in (("precision", precision, PRECISIONS), ("remat", remat, REMATS)):
        if value not in known:
            raise ValueError(f'Unknown {field} "{value}". Known: {", ".join(known)}.')


def run_block(module: nn.Module, *arrays: Array | None, remat: str, **options: Any) -> Any:
    """``module(*arrays, **options)``, by the rule ``remat``. Names of variables are the same."""
    if remat == "none":
        return module(*arrays, **options)
    return nn.remat(lambda module, *arrays: module(*arrays, **options))(module, *arrays)
