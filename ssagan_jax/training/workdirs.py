"""The folder of one run: which configuration it belongs to, and what lies where in it."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jax

import ssagan_jax
from ssagan_jax.config.legacy import with_legacy_defaults
from ssagan_jax.config.resolution import CONFIG, flattened
from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath

# Keys a run may change without becoming another run.
MUTABLE_KEYS = (
    "num_steps",
    "log_every",
    "sample_every",
    "checkpoint_every",
    "keep_checkpoints",
    "eval_every",
    "eval_clips",
    "eval_batch_size",
    "metrics",
    "non_finite",
    "tensorboard",
    "trackers",
    "watchdog",
    "watchdog_start",
    "watchdog_eval",
    "dataset.data_dir",
    "dataset.cache",
    "remat",
    "mesh",
    "sharding_rules",
)
DATA = "data.json"  # of a workdir: how many clips, and digests of what they are made of
LOSSES = ("generator_losses.", "discriminator_losses.")


def run_identity(resolved: Mapping[str, Any], workdir: str | os.PathLike[str]) -> dict[str, Any]:
    """What must be the same on all processes of a run: the configuration, by key, the workdir
    and the code (this package's version and sources, and JAX's).
    """
    sources, folder = hashlib.sha256(), Path(ssagan_jax.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        sources.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    versions = f"{ssagan_jax.__version__} (sources {sources.hexdigest()[:12]})"
    return {
        **{f"config.{key}": value for key, value in flattened(resolved).items()},
        "workdir": paths.absolute(workdir),
        "ssagan_jax": versions,
        "jax": jax.__version__,
    }


def check_shared_workdir(workdir: str | os.PathLike[str]) -> None:
    """Refuses a folder that this process does not see and process 0 has made.

    Raises:
      FileNotFoundError: if not.
    """
    if not (paths.path(workdir) / CONFIG).exists():
        raise FileNotFoundError(
            f"{workdir} is not the folder that process 0 writes to: --workdir must be on a disk "
            "that all machines share (NFS, Lustre, Filestore), or in a bucket (gs://)."
        )


def check_workdir(workdir: str | os.PathLike[str], resolved: Mapping[str, Any]) -> None:
    """Refuses a workdir that holds a run with another configuration.

    ``MUTABLE_KEYS`` may differ. An option that the stored configuration does not have yet was
    made later than the run: it is printed, and is no difference. Losses are no options: one
    that is not there has no weight.

    Raises:
      ValueError: if it holds another configuration, listing the keys that differ.
    """
    path = paths.path(workdir) / CONFIG
    if path.exists():
        _refuse_other(path, resolved)


def check_data(workdir: str | os.PathLike[str], identity: Mapping[str, object]) -> None:
    """Refuses other clips than the run in this workdir was trained and scored on.

    The folder they are read from may be another. Runs of earlier versions did not note them.

    Args:
      identity: of ``training.clips.Data``.

    Raises:
      ValueError: naming both values of what differs.
    """
    path = paths.path(workdir) / DATA
    stored = _read(path) if path.exists() else dict(identity)
    lines = [
        f"  {key}: {stored.get(key, 'absent')!r} there, {value!r} now"
        for key, value in identity.items()
        if stored.get(key) != value
    ]
    if lines:
        raise ValueError(
            f"{path.parent} holds a run on other data:\n" + "\n".join(lines) + "\n"
            "Read the data set that it began with (config.dataset.data_dir), choose another "
            "--workdir, or pass --allow-config-change to go on with this one."
        )


def claim_workdir(workdir: str | os.PathLike[str], resolved: Mapping[str, Any]) -> None:
    """Makes the workdir, if need be, and makes it this configuration's.

    Raises:
      OSError: if the folder cannot be written.
    """
    text = json.dumps({**resolved, "code_version": ssagan_jax.__version__}, indent=2)
    with explaining_unwritable(workdir), replacing(paths.path(workdir) / CONFIG) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


def note_data(workdir: str | os.PathLike[str], identity: Mapping[str, object]) -> None:
    """Writes what ``check_data`` compares; raises ``OSError`` if the folder cannot be written."""
    with explaining_unwritable(workdir), replacing(paths.path(workdir) / DATA) as partial:
        partial.write_text(json.dumps(dict(identity), indent=2) + "\n", encoding="utf-8")


@contextlib.contextmanager
def explaining_unwritable(workdir: str | os.PathLike[str]) -> Iterator[None]:
    """Says of an error which option it is about.

    Raises:
      OSError: as the body did, but for ``BlockingIOError``, which stays as it is.
    """
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        reason = error.__cause__ or error
        raise OSError(f"Cannot write to --workdir={workdir}: {reason}. Choose another.") from error


def _read(path: AnyPath) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path} is damaged: it is not the JSON object that a run writes ({error}). Pass "
            "--allow-config-change to write it anew."
        ) from error


def _refuse_other(path: AnyPath, resolved: Mapping[str, Any]) -> None:
    stored = flattened(with_legacy_defaults(_read(path)))
    stored.pop("code_version", None)
    asked = flattened(resolved)
    later = sorted(
        k for k in asked.keys() - stored.keys() if not k.startswith((*MUTABLE_KEYS, *LOSSES))
    )
    lines = [
        f"  {key}: {stored.get(key, 'absent')!r} there, {asked.get(key, 'absent')!r} asked"
        for key in sorted(stored.keys() | asked.keys() - set(later))
        if stored.get(key) != asked.get(key) and not key.startswith(MUTABLE_KEYS)
    ]
    if lines:
        raise ValueError(
            f"{path.parent} holds a run with another configuration:\n" + "\n".join(lines) + "\n"
            "Choose another --workdir, or pass --allow-config-change to go on with the new one."
        )
    if later:
        options = ", ".join(f"{key}={asked[key]!r}" for key in later)
        print(f"Options that are newer than the run in {path.parent}: {options}.")


def summarise_workdir(workdir: AnyPath, *, latest: int | None, best: int | None) -> str:
    """What lies where, and what to type next.

    Args:
      latest, best: steps of checkpoints.
    """
    sheets = sorted((workdir / "samples").glob("*.png"))
    samples = sheets[-1].with_suffix("") if sheets else workdir / "samples"
    rows = {
        "results": f"{workdir / 'results.json'}, {workdir / 'results.png'} (per frame)",
        "losses": workdir / "losses.png",
        "samples": f"{samples}.mp4 .gif .png",
        "attention": workdir / "attention.png",
        "velocity": workdir / "velocity.png",
        "metrics": f"{workdir / 'metrics.jsonl'}, {workdir / 'tensorboard'}",
        "checkpoints": f"{workdir / 'checkpoints'} (latest {latest}, best {best})",
    }
    for name in ("attention", "velocity"):  # of some generators
        if not (workdir / f"{name}.png").exists():
            del rows[name]
    lines = ["", *(f"{name:12} {where}" for name, where in rows.items()), "", "Next:"]
    lines += [
        f"  ssagan generate PHOTO.jpg -o sky.mp4 --workdir={workdir}",
        f"  ssagan evaluate --workdir={workdir}",
        f"  ssagan report --workdir={workdir}     (one page to send to somebody)",
        f"  tensorboard --logdir={workdir}     (pip install tensorboard)",
    ]
    return "\n".join(lines)
