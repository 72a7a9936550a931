"""How a network computes what it computes: in which precision, and what it keeps or repeats."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array

# The dtype of the activations. Parameters, statistics and outputs are float32 in either case.
PRECISIONS = {"float32": jnp.float32, "bfloat16": jnp.bfloat16}
# ``levels``: of each level only its input is kept for the gradient, the rest computed again.
REMATS = ("none", "levels")


def check(precision: str, remat: str):
    """Raises ValueError for an unknown precision or rematerialisation."""
    for field, value, known in (("precision", precision, PRECISIONS), ("remat", remat, REMATS)):
        if value not in known:
            raise ValueError(f'Unknown {field} "{value}". Known: {", ".join(known)}.')


def run(module: nn.Module, *arrays: Array | None, remat: str, **options):
    """``module(*arrays, **options)``, by the rule ``remat``. Names of variables are the same."""
    if remat == "none":
        return module(*arrays, **options)
    return nn.remat(lambda module, *arrays: module(*arrays, **options))(module, *arrays)
