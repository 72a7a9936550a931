"""Pictures as frames: each gives the pixels of ``read_photo``, and says what was done to it."""

import io
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from ssagan_jax.data.building.files import is_html
from ssagan_jax.data.building.scan import CONVERTED, Skipped
from ssagan_jax.io import photo_files

_JPEG_SIDE = 65500  # pixels, of libjpeg
_AT_ONCE, _THREADS = 64, 8


class Frame(NamedTuple):
    """A frame's JPEG bytes, its size in pixels, and what was done to make it, a phrase each."""

    jpeg: bytes
    size: tuple[int, int]
    changes: tuple[str, ...] = ()


def read_frames(paths: Sequence[Path], *, max_size: int | None = None) -> Iterator[bytes | Skipped]:
    """The frames of a shot as JPEGs, in order, read by several threads.

    Upright JPEGs of sRGB colours stay as they are, byte for byte; all others become such, at
    quality 95 without chroma subsampling. One note for each kind of change comes last.

    Args:
      paths: the files.
      max_size: the short side at most, in pixels; None keeps every size.
    """
    changed: dict[str, list[str]] = defaultdict(list)
    sizes: Counter[tuple[int, int]] = Counter()
    for path, frame in zip(
        paths, _in_threads(partial(read_frame, max_size=max_size), paths), strict=True
    ):
        if isinstance(frame, Skipped):
            yield frame
            continue
        yield frame.jpeg
        sizes[frame.size] += 1
        if frame.changes:
            changed["; ".join(frame.changes)].append(path.name)
    yield from _notes(paths, changed, sizes)


def read_frame(path: Path, *, max_size: int | None = None) -> Frame | Skipped:
    """One frame; arguments as ``read_frames``."""
    try:
        data = path.read_bytes()
        return _frame(data, max_size) if data else Skipped(str(path), "empty file")
    except photo_files.UnreadablePhoto as error:
        html = "an HTML page, not a picture (left by a download that was refused)"
        reason = html if is_html(data) else f"unreadable: {error.reason}"
    except ImportError as error:
        reason = f"unreadable: {error}"
    except (OSError, ValueError) as error:
        reason = f"unreadable: {getattr(error, 'strerror', None) or error}"
    return Skipped(str(path), reason)


def encode_frame(image: Image.Image, max_size: int | None = None) -> bytes:
    """An RGB picture as JPEG, its short side scaled down to ``max_size``, never up.

    Raises:
      ValueError: it is larger than a JPEG can be.
    """
    scale = max_size / min(image.size) if max_size else 1
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    if max(image.size) > _JPEG_SIDE:
        raise ValueError(f"{image.width} x {image.height} pixels, a JPEG has {_JPEG_SIDE} at most")
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


def _in_threads(
    read: Callable[[Path], Frame | Skipped], paths: Sequence[Path]
) -> Iterator[Frame | Skipped]:
    remaining = iter(paths)
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        while group := list(islice(remaining, _AT_ONCE)):
            yield from pool.map(read, group)


def _frame(data: bytes, max_size: int | None) -> Frame:
    found = photo_files.facts(data, "it")
    scaled = max_size is not None and min(found.size) > max_size
    if found.plain and not scaled:
        photo_files.check_pixels(data, "it")
        return Frame(data, found.size)
    changes: list[str] = []
    photo = photo_files.decode_photo(io.BytesIO(data), "it", note=changes.append)
    changes = [change.removeprefix("it ").rstrip(".") for change in changes]
    if found.turned:
        changes.append("is turned upright, as its EXIF says")
    if found.format not in ("JPEG", "MPO"):
        changes.append(f"is {found.format}: stored as JPEG")
    if scaled:
        changes.append(f"is scaled down: the short side to {max_size} pixels")
    height, width, _ = photo.shape
    return Frame(encode_frame(Image.fromarray(photo), max_size), (width, height), tuple(changes))


def _notes(
    paths: Sequence[Path], changed: dict[str, list[str]], sizes: Counter[tuple[int, int]]
) -> Iterator[Skipped]:
    for change, names in changed.items():
        where = str(paths[0] if len(paths) == 1 else paths[0].parent)
        yield Skipped(where, CONVERTED + change, kept=True, files=tuple(names))
    if len(sizes) > 1:
        counts = ", ".join(f"{count} of {w} x {h}" for (w, h), count in sizes.most_common(3))
        reason = f"frames of {len(sizes)} sizes ({counts}): all are squeezed to one when read"
        yield Skipped(str(paths[0].parent), reason, kept=True)
