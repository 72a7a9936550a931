"""Names of original files: their order in time, and ids that any program can read."""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import ExifTags, Image

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.io.media_files import PHOTO_SUFFIXES, printable

_NUMBER = re.compile(r"([0-9]+)")
_SIGNED = re.compile(r"(?<![0-9A-Za-z])-(?=[0-9])")
_NEAR = 10  # usual steps: how close to the end of its range a counter has to stop, and go on


def natural_order(path: Path) -> tuple:
    """Sorts ``frame2`` before ``frame10``, capitals beside small letters, ``é`` as ``é``."""
    parts = _NUMBER.split(_same(path.name))
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], path.name


def order_frames(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, str]], list[str]]:
    """The frames of a folder in the order in which they were taken.

    By the numbers in their names; of a camera's counter that went past its end (9998, 9999, 0001)
    what follows the gap comes first. Where names are of several patterns, by the time that the
    camera wrote, if it did for all.

    Returns:
      The frames; those that repeat another one's name (as ``1.png`` beside ``1.jpg``), with a
      reason; and notes about the order.
    """
    frames, repeated = _once(paths)
    patterns = {_pattern(path) for path in frames}
    if len(patterns) == 2 and len({_pattern(path, signs="") for path in frames}) == 1:
        return sorted(frames, key=_signed_order), repeated, []
    frames = sorted(frames, key=natural_order)
    if len(patterns) > 1:
        frames, how = _by_time(frames)
        return frames, repeated, [f"names of {len(patterns)} patterns: sorted by {how}"]
    turned = _turned(frames)
    if turned is None:
        return frames, repeated, []
    note = f"the counter in the names went past its end: begins with {printable(turned[0].name)}"
    return turned, repeated, [note]


def frames_of(folder: Path, paths: Iterable[Path]) -> tuple[list[Path], list[Skipped]]:
    """``order_frames`` of a folder's pictures, with what is to be said of it."""
    frames, repeated, notes = order_frames(paths)
    said = [Skipped(str(path), reason) for path, reason in repeated]
    return frames, said + [Skipped(str(folder), note, kept=True) for note in notes]


def ids(paths: Sequence[Path], folder: Path) -> tuple[dict[str, Path], list[tuple[Path, str]]]:
    """An id for each path: where it is in the folder, in valid Unicode of one form.

    Returns:
      The paths by id, and those whose id is not simply their name, with a reason.
    """
    found: dict[str, Path] = {}
    changed: list[tuple[Path, str]] = []
    for path in paths:
        name = path.relative_to(folder).as_posix() if path != folder else path.name
        plain = valid(name)
        free = (
            f"{plain}{end}" for end in itertools.chain([""], (f"~{n}" for n in itertools.count(2)))
        )
        key = next(name for name in free if name not in found)
        found[key] = path
        if not _is_utf8(name):
            changed.append((path, f'its name is not in UTF-8: called "{key}"'))
        elif key != plain:
            changed.append((path, f'another has the same name in letters: called "{key}"'))
    return found, changed


def valid(name: str) -> str:
    """A name in printable Unicode of one form."""
    return unicodedata.normalize("NFC", printable(name))


def taken_at(path: Path) -> str | None:
    """When the camera says it took a picture, as text that sorts by time; None if it does not."""
    try:
        with Image.open(path) as image:
            exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
    except Exception:  # a damaged file can raise nearly anything in a decoder
        return None
    time = str(exif.get(ExifTags.Base.DateTimeOriginal, ""))
    part = str(exif.get(ExifTags.Base.SubsecTimeOriginal, "")).strip("\0 ")
    return f"{time}.{part}" if re.match(r"[1-9]\d{3}:\d\d:\d\d \d\d:\d\d:\d\d", time) else None


def _same(text: str) -> str:
    """Names that look the same as one: of small letters in one form of Unicode."""
    return unicodedata.normalize("NFC", text).casefold()


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _once(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Frames of different names, and the others: cameras write one picture in two forms."""
    kept: dict[str, Path] = {}
    repeated = []
    for path in sorted(paths, key=lambda path: (PHOTO_SUFFIXES.index(path.suffix.lower()), path)):
        first = kept.setdefault(_same(path.stem), path)
        if first is not path:
            repeated.append((path, f"the same frame as {printable(first.name)}, by its name"))
    return list(kept.values()), repeated


def _pattern(path: Path, *, signs: str = "-") -> str:
    """A name without its numbers."""
    return _NUMBER.sub("#", _SIGNED.sub(signs, _same(path.stem)))


def _signed_order(path: Path) -> tuple:
    """As ``natural_order``, with a minus before a number as its sign."""
    sign = -1 if _SIGNED.search(path.stem) else 1
    parts = _NUMBER.split(_SIGNED.sub("", _same(path.stem)))
    return tuple(sign * int(part) if index % 2 else part for index, part in enumerate(parts))


def _by_time(frames: list[Path]) -> tuple[list[Path], str]:
    """The frames as they were taken, if the camera says so of all; else as they are."""
    times: dict[Path, str] = {}
    for path in frames:
        if (time := taken_at(path)) is None:
            return frames, "name"
        times[path] = time
    return sorted(frames, key=times.__getitem__), "the time at which they were taken"


def _turned(frames: list[Path]) -> list[Path] | None:
    """The frames from the gap on, then the others, if their counter went past its end."""
    digits = [_NUMBER.findall(path.stem) for path in frames]
    if len(frames) < 3 or not digits[0]:
        return None
    columns = list(zip(*digits, strict=True))
    moving = [column for column in columns if len(set(column)) > 1]
    if len(moving) != 1 or len(set(map(len, moving[0]))) != 1 or len(moving[0][0]) < 3:
        return None
    numbers = [int(text) for text in moving[0]]
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    usual = Counter(steps).most_common(1)[0][0]
    gap = max(range(len(steps)), key=steps.__getitem__)
    past_the_end = numbers[0] + 10 ** len(moving[0][0]) - numbers[-1]
    others = [step for index, step in enumerate(steps) if index != gap]
    alone = steps[gap] > max(_NEAR * usual, _NEAR * past_the_end, 2 * max(others))
    if past_the_end > _NEAR * usual or not alone:
        return None
    return _unless_taken_as_named(frames, gap + 1)


def _unless_taken_as_named(frames: list[Path], start: int) -> list[Path] | None:
    """The frames from ``start`` on first, unless the camera's clock says otherwise."""
    first, last = taken_at(frames[0]), taken_at(frames[-1])
    if first and last and first < last:
        return None
    return frames[start:] + frames[:start]
