"""The models by name. A file in this folder with a ``Generator`` or a ``Discriminator`` is one."""

import dataclasses
import difflib
import importlib
import pkgutil

from flax import linen as nn


def available(role: str = "Generator") -> tuple[str, ...]:
    """Names of the models that have a ``Generator`` (or a ``Discriminator``)."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(name for name in names if hasattr(_module(name), role))


def generator(name: str, **fields) -> nn.Module:
    """The generator called ``name``; fields left out are the paper's 128 x 128 x 32 model.

    Raises:
      ValueError: for an unknown name, an unknown field or a value it cannot have.
    """
    return _build("Generator", name, fields)


def discriminator(name: str, **fields) -> nn.Module:
    """The discriminator called ``name`` (the one of SSA-GAN and MD-GAN is ``mdgan``).

    Raises:
      ValueError: for an unknown name, an unknown field or a value it cannot have.
    """
    return _build("Discriminator", name, fields)


def _module(name):
    return importlib.import_module(f"{__name__}.{name}")


def _build(role, name, fields):
    known = available(role)
    if name not in known:
        raise ValueError(
            f'Unknown {role.lower()} "{name}". Available: {", ".join(known)}.{_hint(name, known)}'
        )
    model = getattr(_module(name), role)
    legal = [f.name for f in dataclasses.fields(model) if f.name not in ("name", "parent")]
    for field in fields:
        if field not in legal:
            raise ValueError(
                f'{role} "{name}" has no field "{field}".{_hint(field, legal)} '
                f"Fields: {', '.join(legal)}."
            )
    return model(**fields)


def _hint(name, known):
    near = difflib.get_close_matches(name, known, 1)
    return f' Did you mean "{near[0]}"?' if near else ""
