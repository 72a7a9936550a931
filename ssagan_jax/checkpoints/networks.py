"""One network on disk: found, loaded and saved without a training around it.

A checkpoint of a run has all that training needs: see ``ssagan_jax.training.full_checkpoints``. One
of a network alone has ``generator`` (or ``discriminator``) and ``config`` only.
"""

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
from flax import linen as nn

from ssagan_jax.checkpoints.array_trees import differences, digest, refuse_non_finite
from ssagan_jax.checkpoints.finding import FOLDER, find_whole_checkpoint
from ssagan_jax.config.legacy import with_legacy_defaults
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.io import manifests, paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.models import from_config
from ssagan_jax.models.variables import initialise, running

# What Orbax, tensorstore and zarr raise for bytes that they cannot make sense of.
_UNREADABLE = (ValueError, OSError, LookupError, AttributeError, TypeError, RuntimeError)


def load_generator(
    path: str | os.PathLike,
) -> tuple[NetworkConfig, dict[str, Any], dict[str, str]]:
    """The generator of a workdir's newest whole checkpoint, or of one checkpoint folder.

    Uses the EMA of parameters and running statistics where the run kept one.

    Returns:
      network: what it was built from.
      variables: what ``from_config.generator(network).apply`` takes, as NumPy arrays.
      info: ``path``, ``step`` and ``hash`` (SHA-256 over the variables).

    Raises:
      FileNotFoundError: if there is no checkpoint, saying what was looked for.
      ValueError: if its arrays are not those of its config's model, listing the differences; if
        it is damaged (``finding.find_whole_checkpoint``) or holds a number that is not finite.
    """
    folder = find_whole_checkpoint(path)
    network = NetworkConfig.from_json(read_config(folder), "generator")
    module = from_config.generator(network)
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
        found = _read_tree(checkpointer, folder, "generator")
        refuse_difference(str(folder), expected(module, averages=found.keys()), found)
        item = _read_arrays(checkpointer, folder / "generator", found)
    params, stats = _averaged(item)
    variables = {"params": params, **stats}
    refuse_non_finite(f"{folder}/generator", variables)
    return network, variables, {"path": str(folder), "step": folder.name, "hash": digest(variables)}


def save_network(
    workdir: str | os.PathLike, role: str, variables: Mapping[str, Any], *, config: Mapping
) -> AnyPath:
    """Writes a checkpoint, at step 0, of one network alone.

    Args:
      workdir: of a run that is not there yet.
      role: ``generator`` (an inference checkpoint) or ``discriminator``.
      variables: what the module's ``apply`` takes.
      config: the part of a resolved config that its readers need.

    Returns:
      The checkpoint's folder.

    Raises:
      ValueError: if the workdir has checkpoints already.
    """
    folder = paths.resolved(workdir) / FOLDER / "0"
    if folder.parent.is_dir() and any(folder.parent.iterdir()):
        raise ValueError(f"{folder.parent} holds checkpoints already. Choose another folder.")
    stats = {name: tree for name, tree in variables.items() if name != "params"}
    items = {
        role: ocp.args.StandardSave({"params": variables["params"], "stats": stats}),
        "config": ocp.args.JsonSave(dict(config)),
    }
    with ocp.Checkpointer(ocp.CompositeCheckpointHandler(*items)) as checkpointer:
        checkpointer.save(folder, ocp.args.Composite(**items))
    manifests.write_manifest(folder)
    return folder


def load_network(path: str | os.PathLike, role: str) -> tuple[dict, dict, str]:
    """One network of a workdir's newest whole checkpoint, or of one checkpoint folder.

    Arguments and results as ``read_network``.

    Raises:
      FileNotFoundError: if there is no checkpoint that has it, saying what was looked for.
      ValueError: if it cannot be read, is damaged or holds a number that is not finite.
    """
    item, options, folder = read_network(path, role)
    refuse_non_finite(f"{folder}/{role}", item)
    return item, options, folder


def read_network(path: str | os.PathLike, role: str) -> tuple[dict, dict, str]:
    """One network as it is, be its numbers finite or not.

    Args:
      path: a workdir, or one checkpoint folder.
      role: ``generator`` or ``discriminator``.

    Returns:
      ``params`` (the generator's are the averaged ones where the run kept an average, as in
      ``load_generator``) and ``stats``, as NumPy arrays; the network's options, as its config
      has them; the checkpoint's folder.

    Raises:
      FileNotFoundError: if there is no checkpoint that has it, saying what was looked for.
      ValueError: if it cannot be read or is damaged.
    """
    folder = find_whole_checkpoint(path, item=role)
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
        found = _read_tree(checkpointer, folder, role)
        item = _read_arrays(checkpointer, folder / role, found)
    params, stats = _averaged(item)
    options = with_legacy_defaults(read_config(folder)).get(role, {})
    return {"params": params, "stats": stats}, options, str(folder)


def _averaged(item: Mapping) -> tuple[dict, dict]:
    """Parameters and other collections of a network: the averaged ones where the run kept any."""
    return item.get("ema", item["params"]), {**item["stats"], **item.get("ema_stats", {})}


def expected(module: nn.Module, *, averages: Collection[str]) -> dict:
    """The ``generator`` item of this module's checkpoints, abstract, with those averages."""
    frame = jax.ShapeDtypeStruct((1, module.size, module.size, 3), jnp.float32)
    params, stats = jax.eval_shape(partial(initialise, module), jax.random.key(0), frame)
    known = {"ema": params, "ema_stats": running(stats)}
    kept = {name: tree for name, tree in known.items() if name in averages}
    return {"params": params, "stats": stats, **kept}


def read_config(folder: AnyPath) -> dict[str, Any]:
    """Reads the configuration that a checkpoint's network was trained with, as JSON has it.

    An imported network's has the part that animating and evaluating need.

    Raises:
      ValueError: if the folder is no checkpoint.
    """
    try:
        with ocp.Checkpointer(ocp.JsonCheckpointHandler()) as checkpointer:
            return checkpointer.restore(folder / "config")
    except (ValueError, OSError) as error:
        raise ValueError(f"{folder} is not a checkpoint of ssagan: no readable config.") from error


def _read_arrays(checkpointer: ocp.Checkpointer, folder: AnyPath, tree: Any) -> dict:
    """The arrays of an item with these names."""
    as_numpy = jax.tree.map(lambda _: ocp.RestoreArgs(restore_type=np.ndarray), tree)
    with naming_damage(folder):
        return checkpointer.restore(folder, restore_args=as_numpy)


def _read_tree(checkpointer: ocp.Checkpointer, folder: AnyPath, item: str) -> Any:
    """The names and shapes of an item."""
    with naming_damage(folder / item):
        return checkpointer.metadata(folder / item).item_metadata.tree


@contextlib.contextmanager
def naming_damage(item: AnyPath) -> Iterator[None]:
    """Around what reads an item of a checkpoint: names it where Orbax's errors do not.

    Raises:
      DamagedFile: if it cannot be read. Out of memory is no damage.
    """
    try:
        yield
    except _UNREADABLE as error:
        if "RESOURCE_EXHAUSTED" in str(error):
            raise
        raise DamagedFile(
            f"{item} cannot be read: it is damaged, or was not written by ssagan. "
            "Use another checkpoint."
        ) from error


def refuse_difference(where: str, wanted: Any, found: Any) -> None:
    """Compares names and shapes of two trees.

    Raises:
      ValueError: listing what is missing, unknown or of another shape.
    """
    if shown := differences(wanted, found):
        raise ValueError(
            f"The checkpoint {where} is of another model than its config describes:\n{shown}\n"
            "Use the config it was trained with, or another workdir."
        )
