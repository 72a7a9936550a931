"""A configuration, from what a config file gives to typed and checked parts."""

import json
from collections.abc import Mapping
from typing import Any

from flax.traverse_util import flatten_dict
from ml_collections import ConfigDict

from ssagan_jax.config.schema import Config
from ssagan_jax.io import paths

CONFIG = "config.json"  # of a workdir
MINIMUMS = {
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
    "watchdog": 0,
    "watchdog_start": 0,
    "watchdog_eval": 0,
}


def resolve(config: ConfigDict) -> Config:
    """Checks numbers and makes paths absolute: what a run is, wherever it goes on.

    Raises:
      ValueError: for a number below its minimum, or an option that data sets do not have.
    """
    resolved = json.loads(json.dumps(config.to_dict()))
    for key, minimum in MINIMUMS.items():
        if resolved[key] < minimum:
            raise ValueError(f"config.{key} is {resolved[key]}; expected {minimum} or more.")
    if resolved["dataset"]["data_dir"]:  # so that the run can be evaluated from anywhere
        resolved["dataset"]["data_dir"] = paths.absolute(resolved["dataset"]["data_dir"])
    for role in ("generator", "discriminator"):  # so that it stays known where this run began
        if resolved["start_from"][role]:
            resolved["start_from"][role] = paths.absolute(resolved["start_from"][role])
    return Config.from_json(resolved)


def flattened(tree: Mapping[str, Any]) -> dict[str, Any]:
    """A tree's leaves by their dotted keys: ``dataset.size``."""
    return flatten_dict(tree, sep=".")
