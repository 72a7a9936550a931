"""Which checkpoint: the steps of a workdir, and the newest of them that is whole.

What is read is compared with the checkpoint's manifest first (``io.manifests``). Here nothing is
written: training puts damaged ones aside (``training.damaged_checkpoints``).
"""

import functools
import json
import os
import sys
from collections.abc import Collection

from ssagan_jax.io import manifests, paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile

FOLDER = "checkpoints"
ASIDE = "damaged"  # in FOLDER: what training has put aside
COMMITTED = "commit_success.txt"
NONE_WHOLE = "No other is there that is whole: copy one back from elsewhere, or train again."
# Small JSON files that Orbax writes, in which damage can be told without a manifest.
_JSON = ("_CHECKPOINT_METADATA", "metrics/metrics", "config/metadata", "data/metadata")


def find_checkpoint(path: str | os.PathLike, *, item: str = "generator") -> AnyPath:
    """The latest checkpoint of a workdir, or the checkpoint itself if ``path`` is one.

    Its bytes are not checked.

    Args:
      path: a workdir or one checkpoint folder.
      item: what the checkpoint must hold.

    Raises:
      FileNotFoundError: if there is none, saying what was looked for.
    """
    return _candidates(path, item)[0]


def find_whole_checkpoint(path: str | os.PathLike, *, item: str = "generator") -> AnyPath:
    """The newest checkpoint of a workdir whose ``item`` and configuration are as written.

    A newer one that is damaged is named on stderr, a line each.

    Args:
      path: a workdir, or one checkpoint folder, which then must be whole.
      item: what is to be read of it besides its configuration.

    Raises:
      FileNotFoundError: if there is none, saying what was looked for.
      DamagedFile: if none is whole, naming a fault of each.
    """
    damaged: list[str] = []
    for folder in _candidates(path, item):
        faults = list_faults(folder, (item, "config"))
        if not faults:
            for line in damaged:
                print(f"note: {line}; taken instead: {folder}", file=sys.stderr)
            return folder
        damaged.append(f"{folder} is damaged ({summarise_faults(faults)})")
    alone = folder == paths.resolved(path)
    raise DamagedFile(f"{'; '.join(damaged)}. {'Take another.' if alone else NONE_WHOLE}")


def list_faults(folder: AnyPath, parts: Collection[str] = ()) -> list[str]:
    """What of a checkpoint is not as it was written, a line per file; checks all parts if empty.

    Of one without a manifest, which earlier versions wrote, only JSON is looked at, which is said
    once a workdir.
    """
    if manifests.has_manifest(folder):
        return manifests.find_faults(folder, parts)
    _note_unchecked(folder.parent)
    names = [name for name in _JSON if not parts or name.partition("/")[0] in parts]
    return [f"{name} is not JSON" for name in names if not _is_json(folder / name)]


def refuse_damaged(folder: AnyPath) -> None:
    """Raises ``DamagedFile`` if a checkpoint is not as it was written."""
    if faults := list_faults(folder):
        raise DamagedFile(f"{folder} is damaged ({summarise_faults(faults)}).")


def summarise_faults(faults: list[str]) -> str:
    """The first fault, and how many more there are."""
    more = len(faults) - 1
    return faults[0] + (f" (and {more} more file{'s' if more > 1 else ''})" if more else "")


def list_steps(workdir: AnyPath, item: str = "") -> list[AnyPath]:
    """The finished checkpoints of a workdir that have ``item``, the latest first."""
    steps = [p for p in (workdir / FOLDER).glob("*") if p.name.isdigit() and _has(p, item)]
    return sorted(steps, key=lambda step: int(step.name), reverse=True)


def _candidates(path: str | os.PathLike, item: str) -> list[AnyPath]:
    """The steps of a workdir, the latest first, or the checkpoint itself; never empty."""
    path = paths.resolved(path)
    if steps := list_steps(path, item):
        return steps
    if _has(path, item) and (path / "config").is_dir():
        return [path]
    raise FileNotFoundError(
        f"No checkpoint in {path}: expected {FOLDER}/STEP/{item} there. Train one with "
        f"`ssagan train --config=quickstart --workdir={path}`."
    )


def _has(folder: AnyPath, item: str) -> bool:
    """Whether a checkpoint is complete and has ``item``, or had it by its manifest."""
    return _is_complete(folder) and ((folder / item).is_dir() or _had(folder, item))


def _is_complete(folder: AnyPath) -> bool:
    """In a bucket Orbax marks a finished one by a file; a manifest is written after that."""
    marked = not paths.is_bucket(folder) or (folder / COMMITTED).exists()
    return marked or manifests.has_manifest(folder)


def _had(folder: AnyPath, item: str) -> bool:
    try:
        return any(name.startswith(f"{item}/") for name in manifests.read_manifest(folder))
    except FileNotFoundError:
        return False
    except (DamagedFile, OSError):
        return True  # to be named, not left out


def _is_json(path: AnyPath) -> bool:
    """Whether a file is a JSON object, or is not there."""
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except FileNotFoundError:
        return True
    except (ValueError, OSError):
        return False


@functools.cache
def _note_unchecked(folder: AnyPath) -> None:
    print(
        f"note: the checkpoints in {folder} have no {manifests.MANIFEST}, as of earlier versions: "
        "their bytes cannot be checked.",
        file=sys.stderr,
    )
