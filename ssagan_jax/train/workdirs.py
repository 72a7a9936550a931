"""The folder of one run: whose it is, and what lies where in it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from ml_collections import ConfigDict

import ssagan_jax

CONFIG = "config.json"
# Keys a run may change without becoming another run.
FREE = (
    "num_steps",
    "log_every",
    "sample_every",
    "checkpoint_every",
    "keep_checkpoints",
    "eval_every",
    "eval_clips",
    "eval_batch_size",
    "metrics",
    "tensorboard",
    "dataset.data_dir",
    "remat",
    "mesh",
    "sharding_rules",
)


# What runs of versions without these keys did.
EARLIER = {"precision": "float32", "micro_batches": 1}


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
        resolved["dataset"]["data_dir"] = str(Path(resolved["dataset"]["data_dir"]).absolute())
    for role in ("generator", "discriminator"):  # so that it stays known where this run began
        if resolved["start_from"][role]:
            resolved["start_from"][role] = str(Path(resolved["start_from"][role]).absolute())
    return resolved


def check(workdir: str | Path, resolved: Mapping):
    """Whether the workdir is free, or this configuration's already.

    Raises:
      ValueError: if it holds another configuration, listing the keys that differ. Keys in
        ``FREE`` may differ.
    """
    path = Path(workdir) / CONFIG
    if path.exists():
        _refuse_other(path, resolved)


def claim(workdir: str | Path, resolved: Mapping):
    """Makes the workdir, if need be, and makes it this configuration's.

    Raises:
      OSError: if the folder cannot be written.
    """
    path = Path(workdir) / CONFIG
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        stored = {**resolved, "code_version": ssagan_jax.__version__}
        temporary.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise OSError(f"Cannot write to --workdir={workdir}: {error}. Choose another.") from error


def _refuse_other(path: Path, resolved: Mapping):
    stored = {**EARLIER, **_flat(json.loads(path.read_text(encoding="utf-8")))}
    stored.pop("code_version", None)
    asked = _flat(resolved)
    lines = [
        f"  {key}: {stored.get(key, 'absent')!r} there, {asked.get(key, 'absent')!r} asked"
        for key in sorted(stored.keys() | asked.keys())
        if stored.get(key) != asked.get(key) and not key.startswith(FREE)
    ]
    if lines:
        raise ValueError(
            f"{path.parent} holds a run with another configuration:\n" + "\n".join(lines) + "\n"
            "Choose another --workdir, or pass --allow_config_change to go on with the new one."
        )


def _flat(tree: Mapping, prefix: str = "") -> dict:
    flat = {}
    for key, value in tree.items():
        flat |= (
            _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
        )
    return flat


def summary(workdir: Path, checkpoints) -> str:
    """What lies where, and what to type next."""
    sheets = sorted((workdir / "samples").glob("*.png"))
    samples = sheets[-1].with_suffix("") if sheets else workdir / "samples"
    rows = {
        "results": f"{workdir / 'results.json'}, {workdir / 'results.png'} (per frame)",
        "losses": workdir / "losses.png",
        "samples": f"{samples}.mp4 .gif .png",
        "metrics": f"{workdir / 'metrics.jsonl'}, {workdir / 'tensorboard'}",
        "checkpoints": f"{workdir / 'checkpoints'} (latest {checkpoints.latest}, "
        f"best {checkpoints.best})",
    }
    lines = ["", *(f"{name:12} {where}" for name, where in rows.items()), "", "Next:"]
    lines += [
        f"  ssagan generate PHOTO.jpg -o sky.mp4 --workdir={workdir}",
        f"  ssagan evaluate --workdir={workdir}",
        f"  tensorboard --logdir={workdir}     (pip install tensorboard)",
    ]
    return "\n".join(lines)
