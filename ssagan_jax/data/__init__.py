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
from ssagan_jax.data.building.cache import copied
from ssagan_jax.data.building.scan import Scan
from ssagan_jax.data.building.verifying import verify_shots
from ssagan_jax.data.contract import SPLITS, ClipSource
from ssagan_jax.io import paths

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
    crop: str = "none",
    cache: str | None = None,
) -> ClipSource:
    """Opens a split of a data set.

    Args:
      name: of a module of ``sets``.
      split: "train" or "test".
      size: clips are resized to size x size; the aspect ratio is not kept (as in the paper), or
        with ``crop`` is that of a square.
      frames: frames per clip.
      data_dir: folder of built data sets, on a disk or in a bucket (``gs://BUCKET/FOLDER``); by
        default that of tfds (``TFDS_DATA_DIR`` or ``~/tensorflow_datasets``).
      frame_step: takes every n-th frame of the footage.
      windows: "all" non-overlapping windows of each shot (remainder dropped, as in the paper), the
        "first" one only, "overlapping": one every quarter of a clip, or "random:N": N of each
        shot, anywhere.
      seed: of data sets that are made up, and of random windows.
      wind: whether clips come with their wind (``data.winds``). That of real footage is measured
        the first time it is asked for.
      crop: "none", or "center": the middle square of each frame.
      cache: a folder on a disk of this machine, where a built data set is copied once and read
        from then on; None reads it where it is.

    Returns:
      A ``ClipSource``: ``len(s)``, ``s[i]`` (a dict with ``clip``, uint8
      [frames, size, size, 3], ``video``, the id of the source video, and perhaps ``wind``,
      float32 [2]) and ``s.describe()``.

    Raises:
      ValueError: on an unknown name or an option out of range, or if no shot is long enough.
      FileNotFoundError: if the data set is not built; the message says how to build it.
      OSError: if a bucket cannot be read, or the cache not be filled.
    """
    module = _dataset(name)
    return module.source(
        split=split,
        size=size,
        frames=frames,
        data_dir=data_dir,
        frame_step=frame_step,
        windows=windows,
        seed=seed,
        wind=wind,
        crop=crop,
        **({"cache": cache} if cache and _is_from_files(module) else {}),
    )


def fill_cache(name: str, *, data_dir: str | None, cache: str) -> None:
    """Copies both splits of a built data set to ``cache``, as ``source`` does when it opens one.

    Raises: as there. Data sets that are painted have nothing to copy.
    """
    if _is_from_files(_dataset(name)):
        folder = folders.dataset_folder(name, data_dir)
        folders.check_built(folder, name)
        for split in SPLITS:
            copied(folder, split, cache)


def check_there(name: str, *, data_dir: str | None = None) -> None:
    """Looks for a data set, without reading it.

    Raises:
      ValueError: if its name is unknown.
      FileNotFoundError: if it has to be built, and is not.
    """
    if _is_from_files(_dataset(name)):
        folders.check_built(folders.dataset_folder(name, data_dir), name)


def fetch(
    name: str,
    *,
    to: str,
    repo: str | None = None,
    revision: str | None = None,
    keep_archives: bool = False,
) -> tuple[str, Scan]:
    """Downloads the original files of a data set (``data.fetching``), and counts them.

    Args:
      name: of a module of ``sets`` with ``MIRRORS``.
      to: the folder, which is then the ``source`` of ``build``.
      repo: a repository of the Hugging Face Hub, ``ORG/NAME``; None: those known.
      revision: a branch, tag or commit of it; None: the newest.
      keep_archives: leave the archives in ``to/.downloads``.

    Returns:
      The repository and commit that the folder holds, and the counts of files beside the published
      ones; no file is read: ``verify`` does.

    Raises:
      ValueError: if nobody offers the data set, an archive is damaged or hostile, or the folder
        holds another repository or revision.
      ImportError, FileNotFoundError, OSError: as ``fetching.fetch_originals``.
    """
    from ssagan_jax.data.fetching import fetch_originals

    module = _from_files(name)
    if not hasattr(module, "MIRRORS"):
        raise ValueError(
            f'No mirror of the data set "{name}" is known: download its files by hand, then '
            f"ssagan data build {name} --source=DIR."
        )
    folder = paths.on_disk(to, "--to")
    held = fetch_originals(
        module.MIRRORS,
        folder,
        roots=module.ROOTS,
        repo=repo,
        revision=revision,
        keep_archives=keep_archives,
    )
    return held, module.count_frames(str(folder))


def build_options(name: str) -> set[str]:
    """What ``build`` and ``verify`` take for this data set, beside its source; errors as there."""
    return set(inspect.signature(_from_files(name).list_shots).parameters) - {"source"}


def build(
    name: str,
    *,
    source: str,
    data_dir: str | None = None,
    workers: int = 1,
    runner: str | None = None,
    beam_options: str = "",
    **options: Any,
) -> Scan:
    """Builds a data set from the files in ``source``; returns what was found there.

    One that was stopped goes on. However many processes there are, the bytes are the same.

    Args:
      name: of a module of ``sets`` that is built from files.
      source: the folder with the original files.
      data_dir: where built data sets live; by default that of tfds.
      workers: processes of this machine.
      runner: of Apache Beam, instead of processes; such as ``DirectRunner``.
      beam_options: of Beam and that runner, as on a command line.
      **options: of the data set's own ``list_shots``.

    Raises:
      ValueError: if the data set is not made from files, ``source`` does not look like it, or a
        shot cannot be read.
      FileNotFoundError: if ``source`` does not exist.
      FileExistsError: if the data set is already built.
      BlockingIOError: if another process is building it.
      ImportError: for a runner without Apache Beam.
      OSError: if writing fails, as on a full disk.
    """
    module = _from_files(name)
    if runner:  # whose workers have other working directories
        source = paths.absolute(source)
    shots = module.list_shots(source, **options)
    return records.write_dataset(
        shots,
        dataset=name,
        source=source,
        data_dir=data_dir,
        published=_published(module),
        workers=workers,
        runner=runner,
        beam_options=beam_options,
    )


def verify(name: str, *, source: str, workers: int = 1, **options: Any) -> Scan:
    """Reads the files in ``source`` as ``build`` would, writing nothing; arguments as there."""
    module = _from_files(name)
    shots = module.list_shots(source, **options)
    return verify_shots(
        shots, dataset=name, source=source, published=_published(module), workers=workers
    )


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
    if not _is_from_files(module):
        raise ValueError(
            f'The data set "{name}" is made on the fly: there is nothing to build or verify. '
            f'Use it as it is: data.source("{name}", ...).'
        )
    return module


def _is_from_files(module: ModuleType) -> bool:
    return hasattr(module, "list_shots")


def _published(module: ModuleType) -> Mapping[str, Mapping[str, int]]:
    return getattr(module, "PUBLISHED", {})
