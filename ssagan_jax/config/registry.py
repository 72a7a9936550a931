"""Names in a configuration, and what they stand for: the files of a folder, found by import.

A model, loss, data set or metric is added by writing one file: nothing here or elsewhere lists it.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from typing import Any


def modules(package: ModuleType | str) -> dict[str, ModuleType]:
    """The modules directly within a package, by name, in alphabetical order."""
    package = importlib.import_module(package) if isinstance(package, str) else package
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.ispkg)
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}


def tables(package: ModuleType | str, name: str) -> dict[str, Any]:
    """The entries of the tables (dicts) called ``name`` in all modules of a package."""
    found = modules(package).values()
    return {key: entry for module in found for key, entry in getattr(module, name, {}).items()}


def nearest(name: str, known: Iterable[str], *, prefix: str = "") -> str:
    """`` Did you mean "..."?`` for the known name that is closest, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f' Did you mean "{prefix}{near[0]}"?' if near else ""
