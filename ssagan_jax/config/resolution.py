"""A configuration, from what a config file gives to typed and checked parts."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flax.traverse_util import flatten_dict
from ml_collections import ConfigDict

from ssagan_jax.config.registry import nearest
from ssagan_jax.config.schema import Config
from ssagan_jax.io import paths

CONFIG = "config.json"  # of a workdir
MINIMUMS = {
    "batch_size": 1,
    "num_steps": 1,
    "n_critic": 1,
    "critic_epoch": 0,
    "extra_power_iterations": 0,
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
    "non_finite_limit": 1,
}
POLICIES = ("stop", "skip", "rollback")  # config.non_finite
UPDATES = ("turns", "together")  # config.updates
# A slip of the pen is beyond them: 2e4 for 2e-4.
LARGEST_RATE, LARGEST_SCALE, LARGEST_WEIGHT = 1.0, 10.0, 1e6
BELOW_1 = 1 - 1e-7  # decays: at 1, in float32 too, an average never moves and Adam divides by 0
LARGEST_SEED = 2**31 - 1


def resolve(config: ConfigDict) -> Config:
    """Checks numbers and makes paths absolute: what a run is, wherever it goes on.

    Raises:
      ValueError: for a number out of its range, one that is not finite, or an option that data
        sets do not have.
    """
    resolved = json.loads(json.dumps(config.to_dict()))
    for key, minimum in MINIMUMS.items():
        if resolved[key] < minimum:
            raise ValueError(f"config.{key} is {resolved[key]}; expected {minimum} or more.")
    if resolved["non_finite"] not in POLICIES:
        known = ", ".join(POLICIES[:-1]) + f" or {POLICIES[-1]}"
        raise ValueError(f'config.non_finite is "{resolved["non_finite"]}"; expected {known}.')
    if 0 < resolved["critic_epoch"] < resolved["n_critic"]:
        raise ValueError(
            f"config.critic_epoch is {resolved['critic_epoch']}; expected 0 or at least "
            f"config.n_critic, {resolved['n_critic']}: else the generator is never updated."
        )
    _check_updates(resolved)
    _check_rates(resolved)
    _check_kinds(resolved)
    for place in ("data_dir", "cache"):  # so that the run can be evaluated from anywhere
        if resolved["dataset"].get(place):
            resolved["dataset"][place] = paths.absolute(resolved["dataset"][place])
    for role in ("generator", "discriminator"):  # so that it stays known where this run began
        if resolved["start_from"][role]:
            resolved["start_from"][role] = paths.absolute(resolved["start_from"][role])
    found = Config.from_json(resolved)
    if found.extra:  # those of a stored configuration, of another version, are kept
        key = min(found.extra)
        raise ValueError(
            f'Unknown config key "config.{key}".{nearest(key, _keys(found), prefix="config.")}'
        )
    return found


def _keys(config: Config) -> list[str]:
    return list(flattened(replace(config, extra={}).to_json()))


def _check_kinds(resolved: Mapping[str, Any]) -> None:
    """Refuses values that a key's type allows and nothing can be made of."""
    if not 0 <= resolved["seed"] <= LARGEST_SEED:
        raise ValueError(f"config.seed is {resolved['seed']}; expected 0 to {LARGEST_SEED}.")
    for role in ("generator", "discriminator"):
        if (features := resolved[role].get("features", 1)) < 1:
            raise ValueError(f"config.{role}.features is {features}; expected 1 or more.")
    for step in resolved["dataset"].get("frame_steps", ()):
        if not (isinstance(step, int) and step >= 1):
            raise ValueError(
                f"config.dataset.frame_steps has {step}; expected whole numbers from 1."
            )
    for key, example in (
        ("mesh", "(('data', -1),)"),
        ("sharding_rules", "(('kernel$', ('fsdp',)),)"),
    ):
        pairs = resolved[key]
        if isinstance(pairs, str) or not all(isinstance(x, list) and len(x) == 2 for x in pairs):
            raise ValueError(f"config.{key} is {pairs}; expected pairs, such as {example}.")


def _check_updates(resolved: Mapping[str, Any]) -> None:
    updates, n_critic = resolved["updates"], resolved["n_critic"]
    if updates not in UPDATES:
        raise ValueError(f'config.updates is "{updates}"; expected {" or ".join(UPDATES)}.')
    if updates == "together" and n_critic > 1:
        raise ValueError(
            f"config.n_critic is {n_critic}; expected 1, since config.updates is together: or set "
            "config.updates=turns."
        )


def _check_rates(resolved: Mapping[str, Any]) -> None:
    """Refuses what makes a state that is not finite: rates, decays and weights of losses."""
    optimizer = resolved["optimizer"]
    rate, scale = optimizer["learning_rate"], optimizer["scale"]
    _check("optimizer.learning_rate", rate, 0, LARGEST_RATE)
    _check("optimizer.scale", scale, 0, LARGEST_SCALE)
    last = rate * scale ** len(optimizer["boundaries"])
    _check("optimizer.learning_rate past the last of its boundaries", last, 0, LARGEST_RATE)
    for name in ("b1", "b2"):
        _check(f"optimizer.{name}", optimizer[name], 0, BELOW_1)
    _check("ema_decay", resolved["ema_decay"], 0, BELOW_1)
    for player in ("generator_losses", "discriminator_losses"):
        for name, weight in resolved[player].items():
            _check(f"{player}.{name}", weight, -LARGEST_WEIGHT, LARGEST_WEIGHT)


def _check(key: str, value: float | int, least: float | int, most: float | int) -> None:
    if not least <= value <= most:  # nor is "not a number" between them
        upto = "to below 1" if most == BELOW_1 else f"to {most:g}"
        raise ValueError(f"config.{key} is {value}; expected a number from {least:g} {upto}.")


def flattened(tree: Mapping[str, Any]) -> dict[str, Any]:
    """A tree's leaves by their dotted keys: ``dataset.size``."""
    return flatten_dict(tree, sep=".")
