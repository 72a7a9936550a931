"""The models by name. A file in this folder with a ``Generator`` or a ``Discriminator`` is one."""

import dataclasses
from typing import Any

from flax import linen as nn

from ssagan_jax.config import registry

_NOT_OPTIONS = ("name", "parent", "compute")  # fields that no configuration sets


def available(role: str = "Generator") -> tuple[str, ...]:
    """Names of the models that have a ``Generator`` (or a ``Discriminator``)."""
    found = registry.modules(__name__)
    return tuple(name for name, module in found.items() if hasattr(module, role))


def generator(name: str, **fields: Any) -> nn.Module:
    """The generator called ``name``; fields left out are the paper's 128 x 128 x 32 model.

    Raises:
      ValueError: for an unknown name, an unknown field or a value it cannot have.
    """
    return _build("Generator", name, fields)


def discriminator(name: str, **fields: Any) -> nn.Module:
    """The discriminator called ``name`` (the one of SSA-GAN and MD-GAN is ``mdgan``).

    Raises:
      ValueError: for an unknown name, an unknown field or a value it cannot have.
    """
    return _build("Discriminator", name, fields)


def _build(role, name, fields):
    known = available(role)
    if name not in known:
        raise ValueError(
            f'Unknown {role.lower()} "{name}". Available: {", ".join(known)}.'
            f"{registry.nearest(name, known)}"
        )
    model = getattr(registry.modules(__name__)[name], role)
    legal = [f.name for f in dataclasses.fields(model) if f.name not in _NOT_OPTIONS]
    for field in fields:
        if field not in legal:
            raise ValueError(
                f'{role} "{name}" has no field "{field}".{registry.nearest(field, legal)} '
                f"Fields: {', '.join(legal)}."
            )
    return model(**fields)
