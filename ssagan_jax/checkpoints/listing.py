"""What lies in a workdir's ``checkpoints``, as rows of words for people."""

import os
from collections.abc import Mapping
from typing import Any

import jax

from ssagan_jax.checkpoints import networks
from ssagan_jax.checkpoints.array_trees import count_values, list_non_finite
from ssagan_jax.checkpoints.finding import ASIDE, FOLDER, list_faults, list_steps
from ssagan_jax.checkpoints.scores import read_scores
from ssagan_jax.io import manifests, paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile

ROLES = ("generator", "discriminator")
Row = dict[str, str]


def list_checkpoints(workdir: str | os.PathLike) -> list[Row]:
    """The checkpoints of a workdir, the latest first, and those put aside; nothing is read whole.

    Returns:
      Rows of ``checkpoint``, ``files``, ``size``, ``score`` (what "best" goes by) and ``digests``.

    Raises:
      FileNotFoundError: if there is none.
    """
    workdir = paths.resolved(workdir)
    scores = read_scores(workdir / FOLDER)
    return [_row(folder, scores) for folder in _all(workdir)]


def verify_checkpoints(workdir: str | os.PathLike) -> tuple[list[Row], list[str]]:
    """As ``list_checkpoints``, after reading every byte of those that are not put aside.

    Returns:
      The rows, with ``state``; a line for each fault, with the file's path.

    Raises:
      FileNotFoundError: if there is none.
    """
    workdir, rows, lines = paths.resolved(workdir), [], []
    scores = read_scores(workdir / FOLDER)
    for folder in _all(workdir):
        aside = folder.parent.name == ASIDE
        faults = [] if aside else list_faults(folder)
        checked = "whole" if manifests.has_manifest(folder) else "not checked"
        rows.append(
            _row(folder, scores) | {"state": "-" if aside else "damaged" if faults else checked}
        )
        lines += [f"{folder}/{fault}" for fault in faults]
    return rows, lines


def inspect_checkpoint(path: str | os.PathLike) -> list[Row]:
    """The networks of one checkpoint: as it is told by its arrays.

    Args:
      path: a workdir, whose newest whole checkpoint is taken, or one checkpoint folder.

    Returns:
      Rows of ``network``, ``model``, ``arrays``, ``parameters``, ``statistics`` (numbers in each)
      and ``not finite`` (arrays).

    Raises:
      FileNotFoundError: if there is no checkpoint.
      DamagedFile: if it is damaged.
    """
    rows = []
    for role in ROLES:
        try:
            item, options, folder = networks.read_network(path, role)
        except FileNotFoundError:
            continue  # an imported one has one network
        rows.append({"checkpoint": folder, "network": role} | _network(item, options))
    if not rows:
        raise FileNotFoundError(f"No checkpoint in {paths.path(path)}: no network is there.")
    return rows


def _network(item: Mapping[str, Any], options: Mapping[str, Any]) -> Row:
    return {
        "model": str(options.get("name", "unknown")),
        "arrays": str(len(jax.tree.leaves(item))),
        "parameters": f"{count_values(item['params']):,}",
        "statistics": f"{count_values(item['stats']):,}",
        "not finite": ", ".join(list_non_finite(item)) or "none",
    }


def _all(workdir: AnyPath) -> list[AnyPath]:
    aside = workdir / FOLDER / ASIDE
    found = list_steps(workdir) + (sorted(aside.glob("[0-9]*")) if aside.is_dir() else [])
    if not found:
        raise FileNotFoundError(f"No checkpoint in {workdir}: expected {FOLDER}/STEP there.")
    return found


def _row(folder: AnyPath, scores: Mapping[int, float]) -> Row:
    sizes = manifests.list_sizes(folder)
    aside = folder.parent.name == ASIDE
    score = None if aside else scores.get(int(folder.name))
    return {
        "checkpoint": f"{ASIDE}/{folder.name}" if aside else folder.name,
        "files": str(len(sizes)),
        "size": f"{sum(sizes.values()) / 1e6:.1f} MB",
        "score": "-" if score is None else f"{score:.3f}",
        "digests": _digests(folder),
    }


def _digests(folder: AnyPath) -> str:
    try:
        return str(len(manifests.read_manifest(folder)))
    except FileNotFoundError:
        return "none"
    except (DamagedFile, OSError):
        return "damaged"
