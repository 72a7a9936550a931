"""How much training a row gets: the same for every row of a table.

A budget is a list of ``--config.key=value`` that fits any config: keys that a config lacks are left
out, so that rows can be trained by hand with the same command.
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ml_collections import ConfigDict

# Two cores and hours, not days: configs/mini_sky.py's size, and of what was tried there the form
# that scored best early: changes relative to the photo, flips, averaged parameters.
SMALL = {
    "dataset.frames": 16,
    "dataset.frame_step": 2,  # so that a clip spans the paper's 32 frames
    "dataset.flip": True,
    "batch_size": 4,
    "num_steps": 400,
    "generator.features": 16,
    "generator.output": "residual",
    "discriminator.features": 16,
    "ema_decay": 0.99,
    "log_every": 20,
    "sample_every": 200,
    "checkpoint_every": 200,
    "eval_every": 0,
    "eval_batch_size": 5,
}
TINY = {"generator.features": 8}  # the least that c_cal 8 divides
BUDGETS: Mapping[str, Mapping[str, object]] = {"tiny": TINY, "small": SMALL, "full": {}}
NAMES = tuple(BUDGETS)
WEIGHTS = ("--config.generator_losses.", "--config.discriminator_losses.")
SMALL_SIZE = 64  # pixels a side, of rows that are not about size


def list_arguments(budget: str, given: Mapping[str, object]) -> dict[str, object]:
    """What a config file is asked for, besides what the row asks for itself.

    Raises:
      ValueError: for an unknown budget.
    """
    if budget not in NAMES:
        raise ValueError(f'Unknown budget "{budget}". Known: {", ".join(NAMES)}.')
    extra: dict[str, dict[str, object]]
    extra = {"tiny": {"tiny": "true"}, "small": {"size": SMALL_SIZE}, "full": {}}
    return {**extra[budget], **given}


def list_overrides(
    budget: str,
    config: ConfigDict,
    given: Mapping[str, Any],
    *,
    steps: int = 0,
    length: float = 1.0,
) -> list[str]:
    """The budget as options of ``ssagan train``.

    Args:
      budget: ``tiny``, ``small`` or ``full``.
      config: what the config file gives; only keys that it has are set.
      given: the row's own arguments. A row that is about size keeps it (in the tiny budget, half),
        and one that is about the output too.
      steps: discriminator updates, in place of the budget's; 0: the budget's.
      length: times as many as that.
    """
    values = dict(BUDGETS[budget])
    if budget == "tiny" and "size" in given:
        values["dataset.size"] = int(given["size"]) // 2
    if "output" in given:
        values.pop("generator.output", None)
    if steps or length != 1:
        whole: Any = steps or values.get("num_steps", config.num_steps)
        values["num_steps"] = round(length * whole)
    return [f"--config.{key}={value}" for key, value in values.items() if _has(config, key)]


def fits_config(override: str, config: ConfigDict) -> bool:
    """Whether ``--config.key=value`` sets a key of the config; weights of losses may be new."""
    key = override.removeprefix("--config.").partition("=")[0]
    return override.startswith(WEIGHTS) or _has(config, key)


def _has(config: ConfigDict, key: str) -> bool:
    *groups, last = key.split(".")
    for group in groups:
        config = config.get(group) if isinstance(config, ConfigDict) else None
    return isinstance(config, ConfigDict) and last in config


def join_arguments(options: Mapping[str, object]) -> str:
    """Arguments as a config file takes them: ``stage=1,size=64``."""
    return ",".join(f"{key}={value}" for key, value in options.items())


def format_command(spec: str, options: Sequence[str], workdir: object) -> str:
    """The command that trains this, to be typed in a shell."""
    words = ["ssagan", "train", f"--config={spec}", f"--workdir={workdir}", *options]
    return shlex.join(words)
