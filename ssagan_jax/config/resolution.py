"""A configuration as ``config.json`` and every checkpoint hold it."""

import json
from collections.abc import Mapping

from flax.traverse_util import flatten_dict
from ml_collections import ConfigDict

from ssagan_jax.io import paths

CONFIG = "config.json"  # of a workdir

# The least value each number may have.
LEAST = {
    "batch_size": 1,
    "num_steps": 1,
    "n_critic": 1,
    "micro_batches": 1,
    "log_every": 1,
    "sample_every": 0,
    "checkpoint_every": 1,
    "keep_checkpoints": 1,
    "eval_every": 0,
    "eval_clips": 0,
    "eval_batch_size": 1,
}


def resolve(config: ConfigDict) -> dict:
    """A configuration as JSON has it, and as every part of the code but this reads it.

    Raises:
      ValueError: for a number below what it may be.
    """
    resolved = json.loads(json.dumps(config.to_dict()))
    for key, least in LEAST.items():
        if resolved[key] < least:
            raise ValueError(f"config.{key} is {resolved[key]}; expected {least} or more.")
    if resolved["dataset"]["data_dir"]:  # so that the run can be evaluated from anywhere
        resolved["dataset"]["data_dir"] = paths.absolute(resolved["dataset"]["data_dir"])
    for role in ("generator", "discriminator"):  # so that it stays known where this run began
        if resolved["start_from"][role]:
            resolved["start_from"][role] = paths.absolute(resolved["start_from"][role])
    return resolved


def flattened(tree: Mapping) -> dict:
    """A tree's leaves by their dotted keys: ``dataset.size``."""
    return flatten_dict(tree, sep=".")
