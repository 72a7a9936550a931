"""Folders of original files: what is in them, what is passed over, and what cannot be read."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.io.media_files import is_clutter, unusual_kind


@dataclass
class Listing:
    """What lies in a folder, each kind by name.

    Attributes:
      folder: the folder.
      folders: those in it.
      files: those in it, whatever they are.
      odd: what cannot be read: links to nothing, pipes, and the folder itself if it may not be.
      clutter: what is hidden, or was left there by some system; not looked into.
    """

    folder: Path
    folders: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    odd: list[Skipped] = field(default_factory=list)
    clutter: list[Path] = field(default_factory=list)


def list_folder(folder: Path) -> Listing:
    """Lists one folder; never fails, never opens a file."""
    found = Listing(folder)
    try:
        with os.scandir(folder) as inside:
            entries = sorted(inside, key=lambda entry: entry.name)
    except OSError as error:
        found.odd.append(Skipped(str(folder), f"unreadable: {error.strerror}"))
        return found
    for entry in entries:
        path = folder / entry.name
        if is_clutter(entry.name):
            found.clutter.append(path)
        elif (entry.is_symlink() or not entry.is_file()) and (kind := unusual_kind(path)):
            found.odd.append(Skipped(str(path), kind))
        else:
            (found.folders if entry.is_dir() else found.files).append(path)
    return found


def walk(folder: Path) -> Iterator[Listing]:
    """Lists a folder and all below it, by path; links are followed, but not in a circle."""
    yield from _walk(folder, ())


def _walk(folder: Path, above: tuple[os.stat_result, ...]) -> Iterator[Listing]:
    found = list_folder(folder)
    try:
        here = (*above, folder.stat())
    except OSError:  # gone, or out of reach: said already
        here = above
    circles = [path for path in found.folders if path.is_symlink() and _is_one_of(path, here)]
    found.odd += [Skipped(str(path), "a link in a circle, to a folder above") for path in circles]
    found.folders = [path for path in found.folders if path not in circles]
    yield found
    for path in found.folders:
        yield from _walk(path, here)


def _is_one_of(path: Path, above: tuple[os.stat_result, ...]) -> bool:
    found = path.stat()
    return any(os.path.samestat(found, other) for other in above)


def clutter_note(folder: Path, clutter: Sequence[Path]) -> list[Skipped]:
    """One entry for all that was passed over, counted by kind; none if there was none."""
    if not clutter:
        return []
    kinds = Counter("hidden" if path.name.startswith(".") else path.name for path in clutter)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    names = tuple(str(path.relative_to(folder)) for path in clutter)
    return [Skipped(str(folder), f"passed over as no one's footage: {counts}", files=names)]
