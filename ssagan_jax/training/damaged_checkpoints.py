"""Damaged checkpoints of a run, put aside before it goes on; nothing is deleted."""

import itertools
import os
import sys

from ssagan_jax.checkpoints.finding import (
    ASIDE,
    COMMITTED,
    NONE_WHOLE,
    list_faults,
    list_steps,
    summarise_faults,
)
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile

# What Orbax reads of every checkpoint when it opens a workdir.
_OPENED = ("_CHECKPOINT_METADATA", "metrics")


def put_damaged_aside(workdir: str | os.PathLike) -> None:
    """Moves damaged checkpoints to ``WORKDIR/checkpoints/damaged/STEP``, a line on stderr each.

    The latest are checked byte by byte until one is whole; of those before it only what opening
    them needs.

    Raises:
      DamagedFile: if there were checkpoints and none is whole; then nothing is moved.
      OSError: if one cannot be moved.
    """
    damaged, whole = {}, None
    for step in list_steps(paths.resolved(workdir)):
        if faults := list_faults(step, _OPENED if whole else ()):
            damaged[step] = summarise_faults(faults)
        else:
            whole = whole or step
    if damaged and not whole:
        listed = "; ".join(f"{step} is damaged ({fault})" for step, fault in damaged.items())
        raise DamagedFile(f"{listed}. {NONE_WHOLE}")
    for step, fault in damaged.items():
        place = _move(step)
        print(f"note: {step} is damaged ({fault}); moved to {place}.", file=sys.stderr)


def _move(step: AnyPath) -> AnyPath:
    folder = step.parent / ASIDE
    folder.mkdir(parents=True, exist_ok=True)
    if paths.is_bucket(folder):
        # Orbax removes every folder of checkpoints that it has not marked so.
        (folder / COMMITTED).write_text(f"Damaged checkpoints of {step.parent}\n")
    names = itertools.chain([step.name], (f"{step.name}-{n}" for n in itertools.count(2)))
    place = next(folder / name for name in names if not (folder / name).exists())
    step.rename(place)
    return place
