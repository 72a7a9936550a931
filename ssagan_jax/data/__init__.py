"""Data sets: where clips come from.

A data set is a module of ``sets`` with ``source``, which opens a split. One built from files has
``list_shots`` too, and ``PUBLISHED`` where its authors give counts. Nothing else is needed to add
one.

    clips = data.source("synthetic", split="train", size=64, frames=16)
    clips[0]["clip"]          # uint8 [16, 64, 64, 3]
"""

import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ssagan_jax.config import registry
from ssagan_jax.data.building import folders, records
from ssagan_jax.data.building.scan import Scan
from ssagan_jax.data.building.shots import verify_shots
from ssagan_jax.data.contract import ClipSource

_SETS = f"{__name__}.sets"


def source(
    name: str,
    *,
    split: str,
    size: int,
    frames: int,
    data_dir: str | None = None,
    frame_step: int = 1,
    windows: str = "all",
    seed: int = 0,
    wind: bool = False,
) -> ClipSource:
    """Opens a split of a data set.

    Args:
      name: of a module of ``sets``.
      split: "train" or "test".
      size: clips are resized to size x size; the aspect ratio is not kept (as in the paper).
      frames: frames per clip.
      data_dir: folder of built data sets; by default that of tfds (``TFDS_DATA_DIR`` or
        ``~/tensorflow_datasets``).
      frame_step: takes every n-th frame of the footage.
      windows: "all" non-overlapping windows of each shot (remainder dropped, as in the paper), the
        "first" one only, or "overlapping": one every quarter of a clip.
      seed: of data sets that are made up.
      wind: whether clips come with their wind (``data.winds``). That of real footage is measured
        the first time it is asked for.

    Returns:
      A ``ClipSource``: ``len(s)``, ``s[i]`` (a dict with ``clip``, uint8
      [frames, size, size, 3], ``video``, the id of the source video, and perhaps ``wind``,
      float32 [2]) and ``s.describe()``.

    Raises:
      ValueError: on an unknown name or an option out of range, or if no shot is long enough.
      FileNotFoundError: if the data set is not built; the message says how to build it.
    """
    return _dataset(name).source(
        split=split,
        size=size,
        frames=frames,
        data_dir=data_dir,
        frame_step=frame_step,
        windows=windows,
        seed=seed,
        wind=wind,
    )


def build_options(name: str) -> set[str]:
    """What ``build`` and ``verify`` take for this data set, beside its source; errors as there."""
    return set(inspect.signature(_from_files(name).list_shots).parameters) - {"source"}


def build(name: str, *, source: str, data_dir: str | None = None, **options: Any) -> Scan:
    """Builds a data set from the files in ``source``; returns what was found there.

    Args:
      name: of a module of ``sets`` that is built from files.
      source: the folder with the original files.
      data_dir: where built data sets live; by default that of tfds.
      **options: of the data set's own ``list_shots``.

    Raises:
      ValueError: if the data set is not made from files, or ``source`` does not look like it.
      FileNotFoundError: if ``source`` does not exist.
      FileExistsError: if the data set is already built.
      OSError: if writing fails, as on a full disk.
    """
    module = _from_files(name)
    shots = module.list_shots(source, **options)
    return records.write_dataset(
        shots, dataset=name, source=source, data_dir=data_dir, published=_published(module)
    )


def verify(name: str, *, source: str, **options: Any) -> Scan:
    """Reads the files in ``source`` as ``build`` would, writing nothing; arguments as there."""
    module = _from_files(name)
    shots = module.list_shots(source, **options)
    return verify_shots(shots, dataset=name, source=source, published=_published(module))


def verify_built(name: str, *, data_dir: str | None = None) -> str:
    """Reads every file of a built data set, and compares it with its manifest.

    Args:
      name: of a module of ``sets`` that is built from files.
      data_dir: where built data sets live; by default that of tfds.

    Returns:
      A sentence that it is whole.

    Raises:
      ValueError: if the data set is not made from files, or is damaged, naming every fault.
      FileNotFoundError: if it is not built, or by an earlier version.
    """
    _from_files(name)
    folder = folders.dataset_folder(name, data_dir)
    folders.verify_folder(folder)
    return f"{folder} is whole: every file is as it was written."


def _dataset(name: str) -> ModuleType:
    known = registry.modules(_SETS)
    if name not in known:
        raise ValueError(
            f'Unknown data set "{name}".{registry.nearest(name, known)} '
            f"Available: {', '.join(known)}."
        )
    return known[name]


def _from_files(name: str) -> ModuleType:
    module = _dataset(name)
    if not hasattr(module, "list_shots"):
        raise ValueError(
            f'The data set "{name}" is made on the fly: there is nothing to build or verify. '
            f'Use it as it is: data.source("{name}", ...).'
        )
    return module


def _published(module: ModuleType) -> Mapping[str, Mapping[str, int]]:
    return getattr(module, "PUBLISHED", {})
