"""The small model that comes with the package: half-precision safetensors and a JSON beside it.

    python -m ssagan_jax.checkpoints.bundled --workdir=RUN --trained-on="painted clips"

writes a run's generator, averaged where the run kept an average, into ``assets``.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from flax import traverse_util

from ssagan_jax.checkpoints.array_trees import refuse_non_finite
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.sealed_json import DamagedFile, read_sealed, seal

ASSETS = Path(__file__).with_name("assets")
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
_FORMAT = 1
_NEEDED = ("dataset", "generator", "precision", "remat")  # of a config, to build the generator


def load_bundled(
    folder: Path | None = None,
) -> tuple[NetworkConfig, dict[str, Any], dict[str, str]]:
    """The bundled generator, from ``ASSETS`` or another folder.

    Returns:
      network: what ``from_config.generator`` takes.
      variables: float32 NumPy arrays by collection and module.
      info: ``path``, ``step`` and ``hash`` (SHA-256 of the weights' file).

    Raises:
      FileNotFoundError: there is none.
      ValueError: a file is damaged, altered, or of a later version.
    """
    from safetensors.numpy import load as parse

    folder = folder or ASSETS
    described = _read_description(folder)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise FileNotFoundError(_missing(weights))
    content = weights.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != described["sha256"]:
        raise DamagedFile(
            f"{weights} is damaged or was altered: its SHA-256 is {found[:12]}..., expected "
            f"{described['sha256'][:12]}... Install the package again."
        )
    arrays = {name: array.astype(np.float32) for name, array in parse(content).items()}
    variables = traverse_util.unflatten_dict(arrays, sep="/")
    step = str(described["provenance"]["step"])
    network = NetworkConfig.from_json(described["config"], "generator")
    refuse_non_finite(str(weights), arrays)
    return network, variables, {"path": str(folder), "step": step, "hash": found}


def save_bundled(workdir: str | Path, *, trained_on: str, folder: Path = ASSETS) -> Path:
    """Writes the generator of a run (or of one checkpoint) as the bundled one; returns the folder.

    Kernels become float16, half of float32's size; vectors (biases, norms' statistics, spectral
    vectors) stay float32: they are few, and their range may be wider.

    Args:
      workdir: a training workdir, or one checkpoint folder.
      trained_on: for people: what clips, by whom, under what licence.
      folder: where.

    Raises:
      FileNotFoundError, ValueError: as ``networks.load_generator``; a kernel that float16
        cannot hold.
    """
    from ssagan_jax.checkpoints import networks

    _, variables, info = networks.load_generator(workdir)
    config = networks.read_config(paths.path(info["path"]))
    content = _serialised(variables)
    described = {
        "format": _FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "config": {key: config[key] for key in _NEEDED if key in config},
        "provenance": {
            "trained_on": trained_on,
            "step": info["step"],
            "checkpoint": info["hash"],
            "seed": config.get("seed"),
            "batch_size": config.get("batch_size"),
        },
    }
    with replacing(folder / WEIGHTS) as partial:
        partial.write_bytes(content)
    with replacing(folder / DESCRIPTION) as partial:
        partial.write_text(json.dumps(seal(described), indent=2) + "\n", encoding="utf-8")
    return folder


def _read_description(folder: Path) -> dict:
    path = folder / DESCRIPTION
    if not path.is_file():
        raise FileNotFoundError(_missing(path))
    try:
        described = read_sealed(path)
    except DamagedFile as error:
        raise DamagedFile(f"{error} Install the package again.") from error
    if (version := described.get("format")) != _FORMAT:
        raise ValueError(f"{path} has format {version}, expected {_FORMAT}. Update ssagan_jax.")
    return described


def _missing(path: Path) -> str:
    return (
        f"No bundled model: {path} is not there. Install the package again, or give one of your "
        "own: --workdir=DIR of a training run. The quickest: ssagan train "
        "--config=quickstart --workdir=runs/quickstart"
    )


def _serialised(variables: Mapping) -> bytes:
    from safetensors.numpy import save as serialise

    arrays = traverse_util.flatten_dict(variables, sep="/")
    return serialise({name: _stored(name, np.asarray(array)) for name, array in arrays.items()})


def _stored(name: str, array: np.ndarray) -> np.ndarray:
    if array.ndim < 2:
        return np.asarray(array, np.float32, order="C")
    if not np.isfinite(array).all() or np.abs(array).max() > np.finfo(np.float16).max:
        raise ValueError(f"{name} has values that float16 cannot hold. Train another model.")
    return np.asarray(array, np.float16, order="C")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workdir", required=True, metavar="RUN")
    parser.add_argument(
        "--trained-on", "--trained_on", required=True, metavar="TEXT", help="clips and licence"
    )
    parser.add_argument("--folder", type=Path, default=ASSETS, metavar="DIR")
    options = parser.parse_args()
    folder = save_bundled(options.workdir, trained_on=options.trained_on, folder=options.folder)
    for name in (WEIGHTS, DESCRIPTION):
        print(f"{folder / name}: {(folder / name).stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
