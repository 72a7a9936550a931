"""The footage in a folder of any kind: videos and folders of frames, by id and split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ssagan_jax.data.building import duplicates, files, names
from ssagan_jax.data.building.listing import clutter_note, walk
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.io.media_files import is_photo, is_video

_POSTERS = ("cover", "poster", "folder", "thumb", "thumbnail", "fanart", "preview", "backdrop")


@dataclass(frozen=True)
class Footage:
    """A video, or a folder with its frames in order.

    Attributes:
      path: the file or folder.
      frames: of a folder its pictures; of a video none.
      split: "train" or "test".
    """

    path: Path
    frames: tuple[Path, ...] = ()
    split: str = ""


def find_footage(
    folder: Path, *, seed: int, expected: str
) -> tuple[dict[str, Footage], list[Skipped]]:
    """All footage of a folder by its id, and what is left out or odd.

    Folders ``train`` and ``test`` in it are the splits; without them a hash of the id decides. The
    same content is never in both.

    Args:
      folder: to look through, at any depth.
      seed: of the split.
      expected: what should be there, for messages.

    Raises:
      ValueError: if there is no footage.
    """
    footage, notes = _look(folder)
    if not footage:
        raise ValueError(f"{folder} has no video. Expected {expected}.")
    ids, renamed = names.ids([item.path for item in footage], folder)
    notes += [Skipped(str(path), reason, kept=True) for path, reason in renamed]
    found = dict(zip(ids, footage, strict=True))
    known = {name: duplicates.known_by(item.frames or [item.path]) for name, item in found.items()}
    itself = {name: name for name in found}
    given = {name: _split_of(item.path, folder) for name, item in found.items()}
    if not any(_named(path.name) and path.is_dir() for path in folder.iterdir()):
        same, more = duplicates.settle_hashed(known, itself)
        splits = files.split_by_hash(list(found), seed=seed, same=same)
        stay = list(found)
    else:
        outside = [name for name, split in given.items() if not split]
        notes += [
            Skipped(str(found[name].path), "outside of the folders train and test")
            for name in outside
        ]
        splits = {name: split for name, split in given.items() if split}
        known = {name: known[name] for name in splits}
        stay, more = duplicates.settle_given(known, itself, splits)
    return {name: replace(found[name], split=splits[name]) for name in stay}, notes + more


def _look(folder: Path) -> tuple[list[Footage], list[Skipped]]:
    """All footage, and what is none."""
    footage: list[Footage] = []
    notes: list[Skipped] = []
    clutter: list[Path] = []
    for listing in walk(folder):
        clutter += listing.clutter
        videos = [path for path in listing.files if is_video(path)]
        pictures = [path for path in listing.files if is_photo(path)]
        others = [path for path in listing.files if not (is_video(path) or is_photo(path))]
        notes += [Skipped(str(path), "neither a video nor a frame") for path in others]
        notes += listing.odd
        posters = _posters(pictures, videos)
        notes += [Skipped(str(path), "a picture beside videos, not a frame") for path in posters]
        footage += [Footage(path) for path in videos]
        if pictures := [path for path in pictures if path not in posters]:
            order, more = names.frames_of(listing.folder, pictures)
            footage.append(Footage(listing.folder, tuple(order)))
            notes += more
    return footage, notes + clutter_note(folder, clutter)


def _posters(pictures: Sequence[Path], videos: Sequence[Path]) -> set[Path]:
    """Pictures that players and NAS boxes keep beside videos."""
    if not videos:
        return set()
    titles = [name.casefold() for path in videos for name in (path.stem, path.name)]

    def is_poster(path: Path) -> bool:
        stem = path.stem.casefold()
        named = stem in titles or stem.rpartition("-")[0] in titles
        return named or stem.strip("0123456789-_ ") in _POSTERS

    posters = set(filter(is_poster, pictures))
    return posters if len(pictures) - len(posters) > 1 else set(pictures)


def _named(name: str) -> str:
    """The split that a folder of this name is; empty if it is none."""
    return name.lower() if name.lower() in ("train", "test") else ""


def _split_of(path: Path, folder: Path) -> str:
    inside = path.relative_to(folder).parts
    return _named(inside[0]) if inside else ""
