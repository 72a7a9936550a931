"""The losses by name: the ``DISCRIMINATOR`` and ``GENERATOR`` tables of this folder's files."""

from ssagan_jax.config import registry
from ssagan_jax.losses.inputs import Loss, LossInputs, weighted_sum

__all__ = ["DISCRIMINATOR", "GENERATOR", "LossInputs", "weighted_sum"]


DISCRIMINATOR: dict[str, Loss] = registry.tables(__name__, "DISCRIMINATOR")
GENERATOR: dict[str, Loss] = registry.tables(__name__, "GENERATOR")
