"""A generator as a folder: weights as safetensors, and a JSON that says what they are.

The bundled model, what ``ssagan export --format=safetensors`` writes and what is on the hub have
this form. Nothing in it is run: safetensors hold arrays alone.
"""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax import traverse_util

from ssagan_jax.checkpoints.array_trees import digest, refuse_non_finite
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.sealed_json import DamagedFile, differing, read_sealed, seal

WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
LARGEST_DESCRIPTION = 2**20  # bytes
_FORMAT = 1
_HEADER = 2**10  # bytes for each array, at most: its name, type, shape and place
# What every description has, and of what type.
_KEYS = {"sha256": str, "config": dict, "provenance": dict}

Generator = tuple[NetworkConfig, dict[str, Any], dict[str, str]]


def is_model_folder(where: str | os.PathLike) -> bool:
    """Whether this is a folder on a disk that has a description."""
    return "://" not in os.fspath(where) and (Path(where) / DESCRIPTION).is_file()


def read_description(folder: Path) -> dict[str, Any]:
    """What ``model.json`` says: ``sha256`` of the weights, ``config``, ``provenance``.

    Raises:
      FileNotFoundError: there is none.
      DamagedFile: it is not what was written.
      ValueError: it is of a later version, too large, or describes something else.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there.")
    if (size := path.stat().st_size) > LARGEST_DESCRIPTION:
        raise ValueError(f"{path} has {size} bytes, expected {LARGEST_DESCRIPTION} at most.")
    try:
        described = read_sealed(path)
    except RecursionError as error:
        raise ValueError(f"{path} describes no model: it is too deep.") from error
    if (version := described.get("format")) != _FORMAT:
        raise ValueError(f"{path} has format {version}, expected {_FORMAT}. Update ssagan_jax.")
    for key, kind in _KEYS.items():
        if not isinstance(described.get(key), kind):
            raise ValueError(f"{path} describes no model: it has no {key}.")
    return described


def read_network(folder: Path) -> NetworkConfig:
    """What the generator is built from; errors as ``read_description``."""
    config = read_description(folder)["config"]
    try:
        return NetworkConfig.from_json(config, "generator")
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{folder / DESCRIPTION} describes no generator: its config has no {error}."
        ) from error


def read_model(folder: Path, *, shapes: Mapping[str, Any] | None = None) -> Generator:
    """The generator of a folder.

    Args:
      folder: with ``WEIGHTS`` and ``DESCRIPTION``.
      shapes: what its variables must be, by collection and module; a larger file is not read. None:
        the folder is trusted.

    Returns:
      network: what ``from_config.generator`` takes.
      variables: float32 NumPy arrays by collection and module.
      info: ``path``, ``step`` and ``hash`` (SHA-256 over the variables).

    Raises:
      FileNotFoundError: a file is missing.
      DamagedFile: a file is not what was written.
      ValueError: as ``read_description``; the weights are too large, or not finite.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as parse

    described, network = read_description(folder), read_network(folder)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise FileNotFoundError(f"{weights} is not there.")
    if shapes is not None and (size := weights.stat().st_size) > (most := largest_file(shapes)):
        raise ValueError(f"{weights} has {size} bytes, expected {most} at most.")
    content = weights.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != (expected := described["sha256"]):
        raise DamagedFile(f"{weights} is damaged or was altered: {differing(found, expected)}.")
    try:
        arrays = {name: array.astype(np.float32) for name, array in parse(content).items()}
        variables = traverse_util.unflatten_dict(arrays, sep="/")
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{weights} holds no arrays that can be read: {error}.") from error
    refuse_non_finite(str(weights), arrays)
    step = str(described["provenance"].get("step", "unknown"))
    return network, variables, {"path": str(folder), "step": step, "hash": digest(variables)}


def largest_file(shapes: Mapping[str, Any]) -> int:
    """Bytes that safetensors of these arrays may have, as float32."""
    leaves = jax.tree.leaves(shapes)
    return sum(4 * math.prod(leaf.shape) + _HEADER for leaf in leaves) + _HEADER


def write_model(
    folder: Path,
    variables: Mapping[str, Any],
    *,
    config: Mapping[str, Any],
    provenance: Mapping[str, Any],
    half: bool = False,
) -> None:
    """Writes a generator.

    Args:
      folder: where; made if need be.
      variables: all collections.
      config: a configuration, or as much of it as readers need.
      provenance: ``step``, and where else it is from.
      half: kernels become float16, half of float32's size. Vectors (biases, norms' statistics,
        spectral vectors) stay float32: they are few, and their range may be wider.

    Raises:
      ValueError: a kernel that float16 cannot hold.
    """
    from safetensors.numpy import save as serialise

    arrays = traverse_util.flatten_dict(variables, sep="/")
    stored = {name: _stored(name, np.asarray(array), half) for name, array in arrays.items()}
    content = serialise(stored)
    described = {
        "format": _FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "config": config,
        "provenance": provenance,
    }
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / WEIGHTS) as partial:
        partial.write_bytes(content)
    with replacing(folder / DESCRIPTION) as partial:
        partial.write_text(json.dumps(seal(described), indent=2) + "\n", encoding="utf-8")


def _stored(name: str, array: np.ndarray, half: bool) -> np.ndarray:
    if array.ndim < 2 or not half:
        return np.asarray(array, np.float32, order="C")
    if not np.isfinite(array).all() or np.abs(array).max() > np.finfo(np.float16).max:
        raise ValueError(f"{name} has values that float16 cannot hold. Train another model.")
    return np.asarray(array, np.float16, order="C")
