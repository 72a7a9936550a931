"""Copies of built data sets on a disk of this machine: made once, each file checked as it arrives.

``CACHE/DIGEST/ssagan_NAME/1.0.0`` holds what was asked for of the data set with these contents, so
that one which changed where it lies gets another folder. Processes that share the cache copy one
at a time; what one has copied, the next finds.
"""

import contextlib
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tqdm import tqdm

from ssagan_jax.data.building import folders
from ssagan_jax.io import exclusive, manifests, paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile, differing

TOGETHER = 4  # files that are copied at a time
SPARE = 64 << 20  # bytes that stay free on the disk
TELL_EVERY = 10.0  # seconds between lines of a process that waits
_CHUNK = 1 << 20
_PARTIAL = ".partial"


def copied(folder: AnyPath, split: str, cache: str) -> Path:
    """The copy of a built data set, complete for one split; what is missing is copied now.

    Args:
      folder: the data set, on a disk or in a bucket.
      split: whose records are needed.
      cache: where copies are kept; made if need be.

    Raises:
      DamagedFile: if a file is not the one that was built.
      ValueError: if the cache is in a bucket, or the data set is of an earlier version.
      OSError: if it cannot be copied, or the disk has no room; what is whole is kept.
    """
    place = paths.on_disk(cache, "config.dataset.cache")
    if not manifests.has_manifest(folder):
        raise ValueError(
            f"{folder} has no {manifests.MANIFEST} by which copies could be checked: it was built "
            "by an earlier version. Build it again, or leave config.dataset.cache empty."
        )
    files = folders.files_of(folder, split)
    copy = place / folders.contents(folder)[:16] / folder.parent.name / folder.name
    if _is_whole(copy, files):
        return copy
    with _explaining(folder, copy):
        copy.mkdir(parents=True, exist_ok=True)
        with exclusive.holding(place / "lock", _Waiting(copy, files)):
            if not _is_whole(copy, files):  # another process may just have made it so
                _copy_missing(folder, copy, files, f"{folder.parent.name} ({split}) to {place}")
    return copy


def _copy_missing(
    folder: AnyPath, copy: Path, files: Mapping[str, manifests.Entry], title: str
) -> None:
    for half in copy.glob(f"*{_PARTIAL}"):  # of a process that was killed
        half.unlink()
    missing = _missing(copy, files)
    total = sum(files[name]["size"] for name in missing)
    _check_room(copy, total)
    bar = tqdm(total=total, desc=title, unit="B", unit_scale=True, mininterval=1.0)
    with bar, ThreadPoolExecutor(TOGETHER) as pool:
        work = partial(_copy, folder, copy, files, bar)
        jobs = [pool.submit(work, name) for name in missing]
        try:
            for job in jobs:
                job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    with replacing(copy / manifests.MANIFEST) as half:
        half.write_bytes((folder / manifests.MANIFEST).read_bytes())


def _copy(
    folder: AnyPath, copy: Path, files: Mapping[str, manifests.Entry], bar: tqdm, name: str
) -> None:
    """Copies one file; it has its name only when every byte is right."""
    half, sha = copy / f"{name}{_PARTIAL}", hashlib.sha256()
    try:
        with (folder / name).open("rb") as source, half.open("wb") as target:
            while chunk := source.read(_CHUNK):
                sha.update(chunk)
                target.write(chunk)
                bar.update(len(chunk))
            target.flush()
            os.fsync(target.fileno())
        if sha.hexdigest() != (expected := files[name]["sha256"]):
            reason = differing(sha.hexdigest(), expected)
            raise DamagedFile(
                f"{folder / name} is not the file that was built: {reason}. Copy it back from "
                "elsewhere, or build the data set again."
            )
        half.replace(copy / name)
    finally:
        half.unlink(missing_ok=True)


def _is_whole(copy: Path, files: Mapping[str, manifests.Entry]) -> bool:
    return manifests.has_manifest(copy) and not _missing(copy, files)


def _missing(copy: Path, files: Mapping[str, manifests.Entry]) -> list[str]:
    """The files that are still to be copied."""
    sizes = paths.sizes(copy)
    return [name for name in files if sizes.get(name) != files[name]["size"]]


def _check_room(copy: Path, total: int) -> None:
    free = shutil.disk_usage(copy).free - SPARE
    if total > free:
        raise OSError(
            f"{total / 1e9:.2f} GB are still to be copied, and the disk has "
            f"{max(free, 0) / 1e9:.2f} GB to spare"
        )


@contextlib.contextmanager
def _explaining(folder: AnyPath, copy: Path) -> Iterator[None]:
    """Says of an error what was copied where; gcsfs and aiohttp have their own kinds."""
    try:
        yield
    except DamagedFile:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or error or type(error).__name__
        raise OSError(
            f"Copying {folder} to {copy} failed: {reason}. What arrived whole is kept: start again "
            "to go on, or choose another cache (config.dataset.cache, --cache; empty: none)."
        ) from error


class _Waiting:
    """What a process says while another one copies."""

    def __init__(self, copy: Path, files: Mapping[str, manifests.Entry]):
        self._copy, self._files, self._told = copy, files, -TELL_EVERY

    def __call__(self) -> None:
        if time.monotonic() - self._told > TELL_EVERY:
            self._told = time.monotonic()
            missing = _missing(self._copy, self._files)
            print(
                f"Another process copies to {self._copy}: {len(self._files) - len(missing)} of "
                f"{len(self._files)} files are there.",
                file=sys.stderr,
                flush=True,
            )
        time.sleep(0.2)
