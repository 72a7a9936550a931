"""Config files: from ``FILE[:args]`` and ``--config.key=value`` to a locked ConfigDict."""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from absl import flags
from ml_collections import ConfigDict, config_flags

from ssagan_jax.config.registry import nearest

LOSSES = ("config.generator_losses.", "config.discriminator_losses.")


def load(spec: str, overrides: Sequence[str] = ()) -> ConfigDict:
    """Runs a config file's ``get_config`` and applies overrides.

    Args:
      spec: ``FILE`` or ``FILE:args``, as in ``configs/ssagan.py:size=64,tiny``.
      overrides: ``--config.key=value`` strings; values take the type of the default. Loss
        weights may name losses that the config does not have yet.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: for an unknown argument or key (with the nearest known one), a value of
        another type, or a file that is no config.
    """
    file, _, arg = spec.partition(":")
    config = _run(Path(file), arg)
    overrides, weights = _split(overrides)
    _check_keys(config, overrides)
    _apply(config, overrides)
    with config.unlocked():
        for key, value in weights:
            config.update_from_flattened_dict({key.removeprefix("config."): value})
    return config


def shipped(name: str) -> str:
    """The path of one of the project's config files: in the folder one is in, or its checkout.

    Raises:
      FileNotFoundError: if it is in neither.
    """
    for folder in (Path("configs"), Path(__file__).parents[2] / "configs"):
        if (folder / f"{name}.py").is_file():
            return str(folder / f"{name}.py")
    raise FileNotFoundError(
        f"No configs/{name}.py here or beside the package. Run this in a checkout of the project."
    )


def sweep(file: str) -> list[tuple[str, str, dict]]:
    """The rows that an ablation's config file lists: name, label and arguments of each.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: if it has no ``sweep()``.
    """
    module = _module(Path(file))
    if not hasattr(module, "sweep"):
        raise ValueError(f'"{file}" has no sweep(). Try configs/ablation_attention.py.')
    return list(module.sweep())


def _run(path: Path, arg: str) -> ConfigDict:
    module = _module(path)
    if not hasattr(module, "get_config"):
        raise ValueError(f'"{path}" has no get_config(arg). Try configs/quickstart.py.')
    return module.get_config(arg or None)


def _module(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError(f'No config file "{path}". Try configs/quickstart.py.')
    folder = str(path.resolve().parent.parent)  # so that a config can import its neighbours
    if folder not in sys.path:
        sys.path.insert(0, folder)
    loader = SourceFileLoader(f"config_{path.stem}", str(path))
    spec = importlib.util.spec_from_file_location(loader.name, path, loader=loader)
    assert spec  # with a loader there is always one
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def _apply(config: ConfigDict, overrides: Sequence[str]) -> None:
    """Sets the keys in place, with ml_collections' own parsing of each type."""
    argv, values = ["ssagan", *overrides], flags.FlagValues()
    config_flags.DEFINE_config_dict("config", config, flag_values=values, sys_argv=argv)
    try:
        values(argv)
    except (flags.Error, TypeError) as error:
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
            hint = nearest(key, known, prefix="config.") or " All keys: configs/common.py."
            raise ValueError(f'Unknown config key "{flag}".{hint}')


def _leaves(config: ConfigDict, prefix: str = "") -> Iterator[str]:
    for key, value in config.items():
        if isinstance(value, ConfigDict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
