"""Tiny videos (VGAN), the paper's Beach data set: JPEG strips of stabilised 128 x 128 clips.

Layout: ``.../VIDEO.mp4/0000.jpg``, each file the square frames of one clip, one above the
other. Files are stored as found. A list such as ``beach.txt`` (a path a line, relative to the
folder) picks the files. The authors split by the order of that list; here whole source videos
are split by a seeded hash of their path, about 10 % for testing, so that neighbouring clips of
a video never end up on both sides.
"""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from PIL import Image

from ssagan_jax.data.building import duplicates, files, frames, names
from ssagan_jax.data.building.listing import clutter_note, walk
from ssagan_jax.data.building.lists import read_list
from ssagan_jax.data.building.scan import CLIP_FRAMES, CONVERTED, Skipped
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.data.windows import WindowSource
from ssagan_jax.io.media_files import is_photo

SHORT = ("drop", "repeat", "black")
SPLITS = ("hash", "authors")
_EXPECTED = "the folder with the tiny videos, such as videos2/.../NAME.mp4/0000.jpg"


source = partial(WindowSource, "tiny_videos")  # options and errors as in data.source


def list_shots(
    source: str,
    *,
    list_file: str | None = None,
    short: str = "drop",
    split: str = "hash",
    seed: int = 0,
) -> list[Shot | Skipped]:
    """The strips, and listed files that are not there.

    Args:
      source: the folder with the strips.
      list_file: text file with the paths to take, one a line; None takes every picture.
      short: what becomes of strips of fewer than 32 frames: ``drop`` leaves them as they are, so
        that no clip of 32 frames comes of them; ``repeat`` repeats the last frame (as VGAN does),
        ``black`` adds black ones (as in the authors' loader), up to 32.
      split: ``hash`` as above; ``authors``, which their code has in a comment: of the files in
        their order the first tenth for training, the second for testing, without the rest. One
        video may then be on both sides.
      seed: of the split.

    Raises:
      FileNotFoundError: if ``source`` or ``list_file`` does not exist.
      ValueError: if there is no picture, ``short`` or ``split`` is not known, or a listed path
        leads out of ``source``.
    """
    for option, value, known in (("short", short, SHORT), ("split", split, SPLITS)):
        if value not in known:
            raise ValueError(f'{option} is "{value}"; expected one of {", ".join(known)}.')
    folder = files.source_folder(source, expected=_EXPECTED)
    paths, notes = read_list(list_file, folder) if list_file else _all(folder)
    if not paths and not list_file:
        raise ValueError(f"{folder} has no picture. Expected {_EXPECTED}.")
    found, renamed = names.ids(paths, folder)
    notes += [Skipped(str(path), reason, kept=True) for path, reason in renamed]
    videos = {name: PurePosixPath(name).parent.as_posix() for name in found}
    splits, more = (_hashed if split == "hash" else _by_authors)(folder, found, videos, seed)
    shots = [
        Shot(name, videos[name], splits[name], partial(_strip, found[name], short), strip=True)
        for name in found
        if name in splits
    ]
    return [*notes, *more, *shots]


def _hashed(
    folder: Path, found: dict[str, Path], videos: dict[str, str], seed: int
) -> tuple[dict[str, str], list[Skipped]]:
    known = {name: (1, [path]) for name, path in found.items()}
    same, notes = duplicates.settle_hashed(known, videos)
    splits = files.split_by_hash(sorted(set(videos.values())), seed=seed, same=same)
    return {name: splits[video] for name, video in videos.items()}, notes


def _by_authors(
    folder: Path, found: dict[str, Path], videos: dict[str, str], seed: int
) -> tuple[dict[str, str], list[Skipped]]:
    names, tenth = list(found), len(found) // 10
    splits = dict.fromkeys(names[:tenth], "train") | dict.fromkeys(names[tenth : 2 * tenth], "test")
    rest = tuple(names[2 * tenth :])
    notes = [Skipped(str(folder), "not in the first two tenths of the files", files=rest)]
    trained, tested = (
        {videos[name] for name in splits if splits[name] == s} for s in ("train", "test")
    )
    notes += [Skipped(name, "in both splits", kept=True) for name in sorted(trained & tested)]
    return splits, notes


def _all(folder: Path) -> tuple[list[Path], list[Skipped]]:
    """All pictures, and what is none."""
    paths: list[Path] = []
    notes: list[Skipped] = []
    clutter: list[Path] = []
    for listing in walk(folder):
        paths += filter(is_photo, listing.files)
        others = [path for path in listing.files if not is_photo(path)]
        notes += [Skipped(str(path), "not a picture, by its name") for path in others]
        notes += listing.odd
        clutter += listing.clutter
    return sorted(paths), notes + clutter_note(folder, clutter)


def _strip(path: Path, short: str) -> Iterator[bytes | Skipped]:
    for data in frames.read_frames([path]):
        yield from [data] if isinstance(data, Skipped) else _checked(path, data, short)


def _checked(path: Path, data: bytes, short: str) -> Iterator[bytes | Skipped]:
    """A strip, made longer if that is asked for, and what is odd about it; or why it is none."""
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        tiles = height // width
        if tiles < 2:
            yield Skipped(str(path), f"not a strip of square frames: {width} x {height} pixels")
            return
        if height % width:
            reason = f"odd height: {width} x {height} pixels, the lowest {height % width} unused"
            yield Skipped(str(path), reason, kept=True)
        if tiles < CLIP_FRAMES and short != "drop":
            try:
                data = frames.encode_frame(_lengthened(image.convert("RGB"), short))
            except ValueError as error:
                yield Skipped(str(path), f"cannot be made longer: {error}")
                return
            reason = f"{CONVERTED}has {tiles} frames, made {CLIP_FRAMES} ({short})"
            yield Skipped(str(path), reason, kept=True)
        yield data


def _lengthened(strip: Image.Image, short: str) -> Image.Image:
    """A strip of 32 frames, the last of which is repeated or followed by black."""
    side = strip.width
    tiles = strip.height // side
    result = Image.new("RGB", (side, CLIP_FRAMES * side))
    result.paste(strip.crop((0, 0, side, tiles * side)))
    last = strip.crop((0, (tiles - 1) * side, side, tiles * side))
    for tile in range(tiles, CLIP_FRAMES if short == "repeat" else tiles):
        result.paste(last, (0, tile * side))
    return result
