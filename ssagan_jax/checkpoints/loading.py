"""The generator of whatever names one: a run, a checkpoint, a model folder, the hub, nothing."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssagan_jax.checkpoints import bundled, model_folder
from ssagan_jax.checkpoints.finding import FOLDER, find_checkpoint
from ssagan_jax.checkpoints.model_folder import DESCRIPTION, WEIGHTS, Generator
from ssagan_jax.io import hub_models, paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile

# What readers of a run's configuration ask for, where a model folder does not say it.
_DEFAULTS = {"seed": 0, "eval_batch_size": 16}


def load_generator(path: str | os.PathLike | None) -> Generator:
    """The generator that a path stands for.

    Args:
      path: a training workdir or one checkpoint folder (``networks.load_generator``), a model
        folder, ``hf://ORG/NAME`` or ``hf://ORG/NAME@REVISION`` on the hub, or None: the small model
        that comes with the package.

    Returns:
      network: what ``from_config.generator`` takes.
      variables: NumPy arrays by collection and module.
      info: ``path`` (of a folder on a disk or in a bucket), ``step`` and ``hash`` (SHA-256 over the
        variables).

    Raises:
      FileNotFoundError: there is no network.
      ValueError: it is damaged, not finite, or of another form than its configuration says.
      ImportError, OSError: as ``io.hub``.
    """
    if path is None:
        return bundled.load_bundled()
    if hub_models.is_address(path):
        return _load_from_hub(os.fspath(path))
    if model_folder.is_model_folder(path):
        return _load_folder(Path(path), "Copy the folder again from where it is whole.")
    from ssagan_jax.checkpoints import networks

    return networks.load_generator(path)


def read_config(path: str | os.PathLike) -> dict[str, Any]:
    """The configuration of a generator, by the ``path`` of its ``info``; it may be partial.

    Raises:
      ValueError: if there is none that can be read.
    """
    if model_folder.is_model_folder(path):
        return _without_folders(model_folder.read_description(Path(path))["config"])
    from ssagan_jax.checkpoints import networks

    return networks.read_config(paths.path(path))


def _without_folders(config: Mapping[str, Any]) -> dict[str, Any]:
    """A model folder may be anybody's: it does not say where data are read or copied to here."""
    folders = dict.fromkeys(("data_dir", "cache"), "")
    return {**_DEFAULTS, **config, "dataset": {**config.get("dataset", {}), **folders}}


def find_home(path: str | os.PathLike) -> AnyPath:
    """Where a generator's results lie: its workdir or model folder, or beside a lone checkpoint.

    Raises:
      FileNotFoundError: if there is no checkpoint.
    """
    if model_folder.is_model_folder(path):
        return paths.path(path)
    folder = find_checkpoint(path)
    return folder.parents[1] if folder.parent.name == FOLDER else folder.parent


def _load_from_hub(address: str) -> Generator:
    """Downloads two files, by their names and bounded in size, and reads them."""
    name, revision = hub_models.parse_address(address)
    largest = model_folder.LARGEST_DESCRIPTION
    described = hub_models.fetch_cached(name, DESCRIPTION, revision=revision, largest=largest)
    folder = described.parent  # in the cache, named after the commit
    largest = model_folder.largest_file(_shapes(folder))
    hub_models.fetch_cached(name, WEIGHTS, revision=folder.name, largest=largest)
    return _load_folder(folder, f"Delete {folder}, and start the same command again.")


def _load_folder(folder: Path, advice: str) -> Generator:
    from ssagan_jax.checkpoints import networks

    try:
        shapes = _shapes(folder)
        network, variables, info = model_folder.read_model(folder, shapes=shapes)
    except DamagedFile as error:
        raise DamagedFile(f"{error} {advice}") from error
    networks.refuse_difference(str(folder), shapes, variables)
    return network, variables, info


def _shapes(folder: Path) -> dict[str, Any]:
    """What a folder's variables are by its configuration, abstract."""
    from ssagan_jax.checkpoints import networks
    from ssagan_jax.models import from_config

    try:
        module = from_config.generator(model_folder.read_network(folder))
        found = networks.expected(module, averages=())
    except (TypeError, AttributeError, LookupError) as error:  # of values of another type
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"{folder / DESCRIPTION} describes no generator that can be made: {reason}"
        ) from error
    return {"params": found["params"], **found["stats"]}
