"""Sky Time-lapse, the paper's Cloud data set, from the folders of the original archive.

Layout: ``sky_train/VIDEO/VIDEO_K/VIDEO_frames_00000001.jpg`` and the same under ``sky_test``;
frames of 640 x 360, shots of two to thousands of frames. Frames are stored as found, resized
when read. The authors' split is kept.

Decisions on what the archive has of odd: frames are joined across missing numbers (as in the
authors' loader, so that the published number of clips comes out) and the gap is reported;
shots shorter than 32 frames are kept for shorter clips; unreadable files are left out. Frames in
other forms than JPEG are taken too, as JPEGs.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ssagan_jax.data.building import duplicates, files, frames, names
from ssagan_jax.data.building.listing import Listing, clutter_note, list_folder
from ssagan_jax.data.building.scan import Scan, Skipped
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.data.windows import WindowSource
from ssagan_jax.io.media_files import is_photo

# MD-GAN's readme, shipped with the archive.
PUBLISHED = {
    "train": {"videos": 997, "shots": 2392, "clips": 35383},
    "test": {"videos": 111, "shots": 225, "clips": 2815},
}
# Repositories of the Hugging Face Hub with the archive: ``ssagan data fetch sky``.
MIRRORS = ("maxin-cn/SkyTimelapse", "ChenyangSi/sky_timelapse")
_FOLDERS = {"train": "sky_train", "test": "sky_test"}
ROOTS = tuple(_FOLDERS.values())
_EXPECTED = "the folder unpacked from the Sky Time-lapse archive, with sky_train and sky_test in it"


source = partial(WindowSource, "sky")  # options and errors as in data.source


class _Found(NamedTuple):
    """The folder of a shot, with its frames in order."""

    folder: Path
    video: str
    split: str
    frames: list[Path]


def list_shots(source: str) -> list[Shot | Skipped]:
    """The shots of both splits, and what is out of place.

    Args:
      source: the folder of the unpacked archive.

    Raises:
      FileNotFoundError: if ``source`` does not exist.
      ValueError: if it does not have the archive's layout.
    """
    folder = files.source_folder(source, expected=_EXPECTED)
    for root in (folder, *list_folder(folder).folders):
        if any((root / name).is_dir() for name in _FOLDERS.values()):
            return _settled(root, list(_splits(root)))
    raise ValueError(f"{folder} has neither sky_train nor sky_test. Expected {_EXPECTED}.")


def count_frames(source: str) -> Scan:
    """Counts the frames of a folder by their names, unread: ``data verify`` reads them."""
    folder = files.source_folder(source, expected=_EXPECTED)
    scan = Scan("sky", str(folder), PUBLISHED)
    for split, name in _FOLDERS.items():
        for shot in sorted((folder / name).glob("*/*/")):
            if count := sum(map(is_photo, shot.iterdir())):
                scan.shots[split].append((shot.parent.name, count))
    return scan


def _settled(root: Path, items: Sequence[_Found | Skipped]) -> list[Shot | Skipped]:
    """The shots by their ids, without what is in both splits, whatever it is called."""
    footage = [item for item in items if isinstance(item, _Found)]
    ids, renamed = names.ids([item.folder for item in footage], root)
    found = dict(zip(ids, footage, strict=True))
    videos = {name: names.valid(item.video) for name, item in found.items()}
    splits = {name: item.split for name, item in found.items()}
    known = {name: duplicates.known_by(item.frames) for name, item in found.items()}
    stay, notes = duplicates.settle_given(known, videos, splits)
    shots = [
        Shot(name, videos[name], splits[name], partial(frames.read_frames, found[name].frames))
        for name in stay
    ]
    odd = [item for item in items if isinstance(item, Skipped)]
    odd += [Skipped(str(path), reason, kept=True) for path, reason in renamed]
    return [*odd, *notes, *shots]


def _splits(root: Path) -> Iterator[_Found | Skipped]:
    test = root / _FOLDERS["test"]
    held_out = {path.name for path in list_folder(test).folders} if test.is_dir() else set()
    for split, name in _FOLDERS.items():
        if not (root / name).is_dir():
            yield Skipped(str(root / name), "missing: the split is left out")
            continue
        listing = list_folder(root / name)
        yield from _others(listing, "odd name: not the folder of a video")
        for video in listing.folders:
            if split == "train" and video.name in held_out:
                yield Skipped(str(video), "the same video is in sky_test")
            else:
                yield from _video(video, split)


def _others(listing: Listing, reason: str) -> Iterator[Skipped]:
    """What in a folder is neither expected nor hidden, and a line for what is hidden."""
    yield from listing.odd
    yield from (Skipped(str(path), reason) for path in listing.files)
    yield from clutter_note(listing.folder, listing.clutter)


def _video(folder: Path, split: str) -> Iterator[_Found | Skipped]:
    listing = list_folder(folder)
    yield from _others(listing, "odd name: not the folder of a shot")
    if not listing.folders and not listing.files:
        yield Skipped(str(folder), "empty folder")
    for shot in listing.folders:
        yield from _shot(shot, folder.name, split)


def _shot(folder: Path, video: str, split: str) -> Iterator[_Found | Skipped]:
    listing = list_folder(folder)
    yield from listing.odd
    yield from clutter_note(folder, listing.clutter)
    odd = [*listing.folders, *(path for path in listing.files if not is_photo(path))]
    yield from (Skipped(str(path), "odd name: not a frame") for path in odd)
    pictures, repeated, notes = names.order_frames(filter(is_photo, listing.files))
    yield from (Skipped(str(path), reason) for path, reason in repeated)
    if not pictures:
        yield Skipped(str(folder), "empty folder")
        return
    if not re.fullmatch(rf"{re.escape(video)}_\d+", folder.name):
        yield Skipped(str(folder), f"odd name: expected {video}_NUMBER", kept=True)
    yield from _numbering(folder, pictures, notes)
    yield _Found(folder, video, split, pictures)


def _numbering(folder: Path, frames: list[Path], notes: list[str]) -> Iterator[Skipped]:
    """Notes on names that do not count up one by one; ``notes`` are those on their order."""
    matches = [re.fullmatch(r".*_frames_([0-9]+)", path.stem) for path in frames]
    if not all(matches):
        odd = next(path.name for path, match in zip(frames, matches, strict=True) if not match)
        order = "; ".join(notes) or "sorted by name"
        reason = f"odd name: {odd}, expected VIDEO_frames_NUMBER.jpg; {order}"
        yield Skipped(str(folder), reason, kept=True)
        return
    yield from (Skipped(str(folder), note, kept=True) for note in notes)
    numbers = [int(match[1]) for match in matches if match]
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    if missing > 0:
        after = next(a for a, b in itertools.pairwise(numbers) if b != a + 1)
        reason = f"missing frame numbers: {missing}, first after {after}; the rest is joined"
        yield Skipped(str(folder), reason, kept=True)
