"""The files of a download, checked: is this a JPEG, complete and decodable?"""

import hashlib
import io
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.io.user_folders import expanded

TEST_SHARE = 0.1
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)", re.I | re.S)


def natural_order(path: Path) -> list[str | int]:
    """Sorts ``frame2`` before ``frame10``."""
    parts = re.split(r"(\d+)", path.name)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def is_html(data: bytes) -> bool:
    """Whether these are the first bytes of a web page."""
    return bool(_HTML.match(data[:1024].removeprefix(b"\xef\xbb\xbf")))


def find_problem(data: bytes) -> str | None:
    """Why these bytes are not a usable JPEG; None if they are."""
    if not data:
        return "empty file"
    if is_html(data):
        return "an HTML page, not a JPEG (left by a download that was refused)"
    if not data.startswith(b"\xff\xd8"):
        return "not a JPEG"
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("L", (image.width // 8, image.height // 8))  # quick, reads all bytes
            image.load()
    except Exception as error:  # a damaged or hostile file can raise nearly anything in a decoder
        return f"unreadable: {error}"
    return None


def read_jpegs(paths: Iterable[Path]) -> Iterator[bytes | Skipped]:
    """The files' bytes in order, read and test-decoded by several threads, 64 at a time."""
    remaining = iter(paths)
    with ThreadPoolExecutor(min(16, os.cpu_count() or 1)) as pool:
        while group := list(itertools.islice(remaining, 64)):
            yield from pool.map(_read_jpeg, group)


def _read_jpeg(path: Path) -> bytes | Skipped:
    try:
        data = path.read_bytes()
    except OSError as error:
        return Skipped(str(path), f"unreadable: {error.strerror}")
    reason = find_problem(data)
    return Skipped(str(path), reason) if reason else data


def source_folder(source: str, *, expected: str) -> Path:
    """``source`` as a path, if it is a folder.

    Raises:
      FileNotFoundError: if it does not exist.
      ValueError: if it is a file; an HTML page and an archive have messages of their own.
    """
    path = expanded(source)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. Expected {expected}.")
    if path.is_dir():
        return path
    with path.open("rb") as file:
        start = file.read(1024)
    if is_html(start):
        raise ValueError(
            f"{path} is an HTML page, not an archive: Google Drive answers with a page when a "
            "file was downloaded too often. Try again later, or use a mirror."
        )
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b")) or start[257:262] == b"ustar":
        raise ValueError(f"{path} is an archive. Unpack it and give the folder.")
    raise ValueError(f"{path} is a file. Expected {expected}.")


def split_by_hash(videos: Sequence[str], *, seed: int) -> dict[str, str]:
    """Splits source videos, never clips: a seeded hash of the id sends about 10 % to "test".

    A video keeps its split when others come or go. Where two or more videos would leave "test"
    empty, the video with the lowest hash goes there.
    """
    share = {video: _share(video, seed) for video in videos}
    test = {video for video in share if share[video] < TEST_SHARE}
    if not test and len(share) > 1:
        test = {min(share, key=share.__getitem__)}
    return {video: "test" if video in test else "train" for video in share}


def _share(video: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{video}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
