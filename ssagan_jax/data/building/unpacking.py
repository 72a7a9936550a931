"""Archives of data sets: what belongs to one is unpacked, and nothing leaves its folder."""

import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, TypeVar

from tqdm import tqdm

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
_JUNK = "__MACOSX"
# What the readers of archives raise; the last is zipfile's, at a compression that it lacks.
_UNREADABLE = (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError)
Item = TypeVar("Item")


class _Member(NamedTuple):
    name: str
    size: int
    open: Callable[[], IO[bytes] | None]


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive that ``unpack`` reads."""
    return name.lower().endswith(SUFFIXES)


def unpack(archive: Path, folder: Path, *, roots: Sequence[str]) -> int:
    """Unpacks what lies below one of ``roots``, wherever that is in the archive, into ``folder``.

    ``any/where/sky_train/a/b.jpg`` becomes ``folder/sky_train/a/b.jpg``. An archive that is named
    after a root and does not have it inside is that root's contents. Files that are there with the
    right size are not written again, so that a second call goes on where the first stopped.

    Args:
      archive: a zip or tar file.
      folder: where to; made if need be.
      roots: names of folders.

    Returns:
      How many files of the archive are in the folder now.

    Raises:
      ValueError: if the archive is damaged, has nothing below the roots, or leads out of the
        folder (``..``, links).
      OSError: if writing fails, as on a full disk; what is whole stays.
    """
    alone = next((root for root in roots if archive.name.startswith(f"{root}.")), None)
    count = 0
    try:
        for member in _members(archive):
            place = place_below(member.name, roots, alone=alone)
            if place is None:
                continue
            _write(member, folder / place)
            count += 1
    except _UNREADABLE as error:
        raise ValueError(
            f"{archive} is damaged or no archive that can be read: {error}. Delete it and fetch "
            "it again."
        ) from error
    if not count:
        raise ValueError(f"{archive} has no file below {' or '.join(roots)}.")
    return count


def place_below(name: str, roots: Sequence[str], *, alone: str | None = None) -> Path | None:
    """Where a file of that name goes, from one of ``roots`` on; None: it is no part of these.

    Args:
      name: with slashes, as archives and repositories have it.
      roots: names of folders.
      alone: the root that is meant where the name has none.

    Raises:
      ValueError: if it would lead out of the folder.
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if _JUNK in parts or parts[-1].startswith("._"):
        return None
    start = next((index for index, part in enumerate(parts) if part in roots), None)
    if start is not None:
        below = parts[start:]
    elif alone is not None:
        below = (alone, *parts)
    else:
        return None
    if len(below) < 2 or ".." in below or any(":" in part or "\0" in part for part in below):
        raise ValueError(f"The file {name!r} leads out of its folder: refused.")
    return Path(*(part for part in below if part != "/"))


def _members(archive: Path) -> Iterator[_Member]:
    return (_zip_members if archive.name.lower().endswith(".zip") else _tar_members)(archive)


def _zip_members(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as opened:
        infos = [info for info in opened.infolist() if not info.is_dir()]
        for info in _progress(infos, archive, len(infos)):
            yield _Member(info.filename, info.file_size, partial(opened.open, info))


def _tar_members(archive: Path) -> Iterator[_Member]:
    with tarfile.open(archive) as opened:
        for info in _progress(opened, archive, None):
            if info.isfile():
                yield _Member(info.name, info.size, partial(opened.extractfile, info))
            elif not info.isdir():
                raise ValueError(f"{archive} has {info.name}, a link or a device: refused.")


def _progress(members: Iterable[Item], archive: Path, total: int | None) -> Iterable[Item]:
    return tqdm(members, total=total, desc=f"unpack {archive.name}", unit="file", disable=None)


def _write(member: _Member, target: Path) -> None:
    if target.is_file() and target.stat().st_size == member.size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    source = member.open()
    if source is None:
        raise ValueError(f"The archive's file {member.name!r} cannot be read.")
    with source, partial.open("wb") as file:
        shutil.copyfileobj(source, file)
    os.replace(partial, target)
