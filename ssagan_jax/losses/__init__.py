"""The losses by name: the ``DISCRIMINATOR`` and ``GENERATOR`` tables of this folder's files."""

import importlib
import pkgutil

from ssagan_jax.losses.inputs import Loss, LossInputs, weighted_sum

__all__ = ["DISCRIMINATOR", "GENERATOR", "LossInputs", "weighted_sum"]


def _collect(table: str) -> dict[str, Loss]:
    files = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    return {name: loss for file in files for name, loss in getattr(file, table, {}).items()}


DISCRIMINATOR = _collect("DISCRIMINATOR")
GENERATOR = _collect("GENERATOR")
