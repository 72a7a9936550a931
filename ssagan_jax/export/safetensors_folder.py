"""A trained generator as a model folder with a card: on a disk, or on the Hugging Face Hub."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ssagan_jax
from ssagan_jax.checkpoints import loading
from ssagan_jax.checkpoints.model_folder import (
    DESCRIPTION,
    WEIGHTS,
    is_model_folder,
    read_description,
    write_model,
)
from ssagan_jax.export.model_card import CARD, check_licence, write_card
from ssagan_jax.io.hub_models import is_address, parse_address, upload_files
from ssagan_jax.io.sealed_json import read_sealed

FILES = (WEIGHTS, DESCRIPTION, CARD)


def write_folder(
    path: str | os.PathLike | None, folder: Path, *, licence: str | None, where: str
) -> None:
    """Writes weights as float32, configuration and card.

    Args:
      path: what ``loading.load_generator`` takes.
      folder: where to; made if need be.
      licence: of the weights, for the card; None: not said.
      where: what ``--workdir`` is for those who use it.

    Raises:
      FileNotFoundError, ValueError: as ``loading.load_generator``; no licence's name.
    """
    if licence is not None:
        check_licence(licence)
    model = loading.load_generator(path)
    _, variables, info = model
    config = _without_paths(loading.read_config(info["path"]))
    provenance = _read_provenance(info, config)
    card = write_card(
        model,
        config=config,
        provenance=provenance,
        results=_find_results(path),
        licence=licence,
        where=where,
    )
    write_model(folder, variables, config=config, provenance=provenance)
    (folder / CARD).write_text(card, encoding="utf-8")


def push(
    path: str | os.PathLike,
    address: str,
    *,
    licence: str,
    private: bool = False,
    revision: str | None = None,
) -> str:
    """Uploads a generator to the hub, as one commit.

    Args:
      path: what ``loading.load_generator`` takes.
      address: ``hf://ORG/NAME``; made if it is not there.
      licence: of the weights; the person says it.
      private: only for a repository that only its owners see.
      revision: a branch; None: ``main``.

    Returns:
      Its address with the commit: what it will always be.

    Raises:
      ValueError: no address, or no licence's name.
      FileNotFoundError: as ``write_folder``.
      ImportError, OSError: as ``hub_models.upload_files``.
    """
    name, branch = parse_address(address)
    if branch:
        raise ValueError(f"{address}: expected hf://{name}, and the branch as --revision={branch}.")
    with tempfile.TemporaryDirectory(prefix="ssagan-push-") as temporary:
        folder = Path(temporary)
        write_folder(path, folder, licence=check_licence(licence), where=address)
        commit = upload_files(
            name,
            [folder / file for file in FILES],
            message=f"Upload by ssagan_jax {ssagan_jax.__version__}",
            private=private,
            revision=revision,
        )
    return f"{address}@{commit}"


def _without_paths(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without the folders of whoever trained it."""
    folders = dict.fromkeys(config["dataset"].keys() & {"data_dir", "cache"}, "")
    public = {**config, "dataset": {**config["dataset"], **folders}}
    for origin in config.keys() & {"start_from", "imported"}:
        public[origin] = {
            key: Path(value).name if isinstance(value, str) else value
            for key, value in config[origin].items()
        }
    return public


def _read_provenance(info: Mapping[str, str], config: Mapping[str, Any]) -> dict[str, Any]:
    if is_model_folder(info["path"]):
        return read_description(Path(info["path"]))["provenance"]
    return {
        "trained_on": config["dataset"].get("name"),
        "step": info["step"],
        "checkpoint": info["hash"],
        "seed": config.get("seed"),
        "batch_size": config.get("batch_size"),
    }


def _find_results(path: str | os.PathLike | None) -> dict[str, Any] | None:
    if path is None or is_address(path):
        return None
    try:
        return read_sealed(loading.find_home(path) / "results.json", older=True)
    except FileNotFoundError:
        return None
