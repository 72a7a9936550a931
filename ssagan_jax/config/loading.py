"""Configs: from ``NAME[:args]`` or ``FILE[:args]`` and ``--config.key=value`` to a ConfigDict.

Those that come with the package lie in ``configs/`` of a checkout, and are installed as
``ssagan_jax.configs``. A config of one's own is a file anywhere; it imports theirs with
``from ssagan_jax.configs import common``, and its neighbours with ``from . import NAME``.
"""

import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from absl import flags
from ml_collections import ConfigDict, config_flags

from ssagan_jax.config.registry import nearest

SHIPPED = "ssagan_jax.configs"
NOT_RECIPES = ("__init__", "common")
LOSSES = ("config.generator_losses.", "config.discriminator_losses.")


def load(spec: str, overrides: Sequence[str] = ()) -> ConfigDict:
    """Runs a config's ``get_config`` and applies overrides.

    Args:
      spec: the name of one that comes with the package, or a file, perhaps with arguments:
        ``ssagan``, ``ssagan:size=64,tiny``, ``configs/ssagan.py:tiny``.
      overrides: ``--config.key=value`` strings; values take the type of the default. Loss
        weights may name losses that the config does not have yet.

    Raises:
      FileNotFoundError: if there is no such config.
      ImportError: if it imports what is not there.
      ValueError: for an unknown argument or key (with the nearest known one), a value of
        another type, or a file that is no config.
    """
    file, _, arg = spec.partition(":")
    config = _run(find(file), arg)
    overrides, weights = _split(overrides)
    _check_keys(config, overrides)
    _apply(config, overrides)
    with config.unlocked():
        for key, value in weights:
            config.update_from_flattened_dict({key.removeprefix("config."): value})
    return config


def find(config: str) -> Path:
    """The file of a config: a file's path as it is, a name's among those of the package.

    Raises:
      FileNotFoundError: if there is none.
    """
    if "/" in config or "\\" in config or config.endswith(".py"):
        path = Path(config)
        if not path.is_file():
            raise FileNotFoundError(f'No config file "{path}". By name: {", ".join(list_names())}.')
        return path
    path = folder() / f"{config}.py"
    if not config.isidentifier() or not path.is_file():
        names = list_names()
        raise FileNotFoundError(
            f'No config "{config}".{nearest(config, names)} Available: {", ".join(names)}; or the '
            "path of a file."
        )
    return path


def folder() -> Path:
    """Where the configs that come with the package are: in it, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def list_names() -> list[str]:
    """The names of the configs that come with the package."""
    return sorted(path.stem for path in folder().glob("*.py") if path.stem not in NOT_RECIPES)


def describe(name: str) -> str:
    """The first line of a config's docstring."""
    tree = ast.parse(find(name).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def sweep(config: str) -> list[tuple[str, str, dict]]:
    """The rows that an ablation's config lists: name, label and arguments of each.

    Raises:
      FileNotFoundError: if there is no such config.
      ValueError: if it has no ``sweep()``.
    """
    module = _module(find(config))
    if not hasattr(module, "sweep"):
        raise ValueError(f'"{config}" has no sweep(). Try ablation_attention.')
    return list(module.sweep())


def _run(path: Path, arg: str) -> ConfigDict:
    module = _module(path)
    if not hasattr(module, "get_config"):
        raise ValueError(f'"{path}" has no get_config(arg). Try quickstart.')
    return module.get_config(arg or None)


def _module(path: Path) -> ModuleType:
    """The config, run afresh, as part of a package of the files beside it."""
    _add_package(SHIPPED, folder())
    beside = path.resolve().parent
    package = SHIPPED if beside == folder().resolve() else f"configs_of_{abs(hash(beside)):x}"
    _add_package(package, beside)
    loader = SourceFileLoader(f"{package}.{path.stem}", str(path))
    spec = importlib.util.spec_from_file_location(loader.name, path, loader=loader)
    assert spec  # with a loader there is always one
    module = importlib.util.module_from_spec(spec)
    try:
        loader.exec_module(module)
    except ImportError as error:
        raise ImportError(
            f"{path}: {error}. A config imports those of the package with `from {SHIPPED} import "
            "common`, its neighbours with `from . import NAME`."
        ) from error
    return module


def _add_package(name: str, folder: Path) -> None:
    """Makes the files of a folder importable as ``name.FILE``, installed or not."""
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules.setdefault(name, package)


def _apply(config: ConfigDict, overrides: Sequence[str]) -> None:
    """Sets the keys in place, with ml_collections' own parsing of each type."""
    argv, values = ["ssagan", *overrides], flags.FlagValues()
    config_flags.DEFINE_config_dict("config", config, flag_values=values, sys_argv=argv)
    try:
        values(argv)
    except flags.Error as error:  # names the key and its value
        raise ValueError(str(error).removeprefix("flag ")) from error
    except TypeError as error:
        raise ValueError(f"{' '.join(overrides)}: {error}") from error


def _split(overrides: Sequence[str]) -> tuple[list[str], list[tuple[str, float]]]:
    """Overrides of keys that must exist, and loss weights, which may be new."""
    keys, weights = [], []
    for override in overrides:
        key, _, text = override.lstrip("-").partition("=")
        if not key.startswith(LOSSES):
            keys.append(override)
            continue
        try:
            weights.append((key, float(text)))
        except ValueError as error:
            raise ValueError(f'{key} must be a number, not "{text}".') from error
    return keys, weights


def _check_keys(config: ConfigDict, overrides: Sequence[str]) -> None:
    known = list(_leaves(config))
    for override in overrides:
        flag = override.lstrip("-").partition("=")[0]
        key = flag.removeprefix("config.")
        if flag == key or key not in known:
            raise ValueError(f'Unknown config key "{flag}".{_hint(key, known)}')


def _hint(key: str, known: Sequence[str]) -> str:
    """The nearest key, in the same group if there is one; else those of the group, or of all."""
    group = f"{key.rpartition('.')[0]}."
    siblings = [name.removeprefix(group) for name in known if name.startswith(group)]
    prefix, names = (f"config.{group}", siblings) if siblings else ("config.", list(known))
    if near := nearest(key.removeprefix(group), names, prefix=prefix):
        return near
    if siblings:
        return f" Keys of config.{group.removesuffix('.')}: {', '.join(siblings)}."
    return f" All keys: {folder() / 'common.py'}."


def _leaves(config: ConfigDict, prefix: str = "") -> Iterator[str]:
    for key, value in config.items():
        if isinstance(value, ConfigDict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
