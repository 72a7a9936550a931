"""Sky Time-lapse, the paper's Cloud data set, from the folders of the original archive.

Layout: ``sky_train/VIDEO/VIDEO_K/VIDEO_frames_00000001.jpg`` and the same under ``sky_test``;
frames of 640 x 360, shots of two to thousands of frames. Frames are stored as found, resized
when read. The authors' split is kept.

Decisions on what the archive has of odd: frames are joined across missing numbers (as in the
authors' loader, so that the published number of clips comes out) and the gap is reported;
shots shorter than 32 frames are kept for shorter clips; unreadable files are left out.
"""

import itertools
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ssagan_jax.data.building import files
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.data.windows import WindowSource

# MD-GAN's readme, shipped with the archive.
PUBLISHED = {
    "train": {"videos": 997, "shots": 2392, "clips": 35383},
    "test": {"videos": 111, "shots": 225, "clips": 2815},
}
_FOLDERS = {"train": "sky_train", "test": "sky_test"}
_EXPECTED = "the folder unpacked from the Sky Time-lapse archive, with sky_train and sky_test in it"


source = partial(WindowSource, "sky")  # options and errors as in data.source


def list_shots(source: str) -> list[Shot | Skipped]:
    """The shots of both splits, and what is out of place.

    Args:
      source: the folder of the unpacked archive.

    Raises:
      FileNotFoundError: if ``source`` does not exist.
      ValueError: if it does not have the archive's layout.
    """
    folder = files.source_folder(source, expected=_EXPECTED)
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    for root in (folder, *inside):
        if any((root / name).is_dir() for name in _FOLDERS.values()):
            return list(_splits(root))
    raise ValueError(f"{folder} has neither sky_train nor sky_test. Expected {_EXPECTED}.")


def _splits(root: Path) -> Iterator[Shot | Skipped]:
    test = root / _FOLDERS["test"]
    held_out = {path.name for path in test.iterdir()} if test.is_dir() else set()
    for split, name in _FOLDERS.items():
        if not (root / name).is_dir():
            yield Skipped(str(root / name), "missing: the split is left out")
            continue
        for video in sorted((root / name).iterdir()):
            if split == "train" and video.is_dir() and video.name in held_out:
                yield Skipped(str(video), "the same video is in sky_test")
            else:
                yield from _video(video, split)


def _video(folder: Path, split: str) -> Iterator[Shot | Skipped]:
    if not folder.is_dir():
        yield Skipped(str(folder), "odd name: not the folder of a video")
        return
    inside = sorted(folder.iterdir())
    if not inside:
        yield Skipped(str(folder), "empty folder")
    for shot in inside:
        if shot.is_dir():
            yield from _shot(shot, folder.name, split)
        else:
            yield Skipped(str(shot), "odd name: not the folder of a shot")


def _shot(folder: Path, video: str, split: str) -> Iterator[Shot | Skipped]:
    frames: list[Path] = []
    odd: list[Path] = []
    for path in sorted(folder.iterdir(), key=files.natural_order):
        usable = path.suffix.lower() in (".jpg", ".jpeg") and not path.name.startswith(".")
        (frames if usable else odd).append(path)
    yield from (Skipped(str(path), "odd name: not a JPEG frame") for path in odd)
    if not frames:
        yield Skipped(str(folder), "empty folder")
        return
    if not re.fullmatch(rf"{re.escape(video)}_\d+", folder.name):
        yield Skipped(str(folder), f"odd name: expected {video}_NUMBER", kept=True)
    yield from _numbering(folder, frames)
    name = f"{_FOLDERS[split]}/{video}/{folder.name}"
    yield Shot(name, video, split, lambda: files.read_jpegs(frames))


def _numbering(folder: Path, frames: list[Path]) -> Iterator[Skipped]:
    """Notes on names that do not count up one by one."""
    matches = [re.fullmatch(r".*_frames_(\d+)", path.stem) for path in frames]
    if not all(matches):
        odd = next(path.name for path, match in zip(frames, matches, strict=True) if not match)
        reason = f"odd name: {odd}, expected VIDEO_frames_NUMBER.jpg; sorted by name"
        yield Skipped(str(folder), reason, kept=True)
        return
    numbers = [int(match[1]) for match in matches if match]
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    if missing > 0:
        after = next(a for a, b in itertools.pairwise(numbers) if b != a + 1)
        reason = f"missing frame numbers: {missing}, first after {after}; the rest is joined"
        yield Skipped(str(folder), reason, kept=True)
