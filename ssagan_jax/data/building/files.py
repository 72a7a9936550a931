"""The folder of a download, and the split of what is in it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ssagan_jax.io.media_files import unusual_kind
from ssagan_jax.io.user_folders import expanded

TEST_SHARE = 0.1
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)", re.I | re.S)


def is_html(data: bytes) -> bool:
    """Whether these are the first bytes of a web page."""
    return bool(_HTML.match(data[:1024].removeprefix(b"\xef\xbb\xbf")))


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
    if kind := unusual_kind(path):
        raise ValueError(f"{path} is {kind}. Expected {expected}.")
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


def split_by_hash(
    videos: Sequence[str], *, seed: int, same: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Splits source videos, never clips: a seeded hash of the id sends about 10 % to "test".

    A video keeps its split when others come or go. Where two or more videos would leave a split
    empty, the video with the lowest (highest) hash goes there; one video alone is for training.

    Args:
      videos: the ids.
      seed: of the hash.
      same: for videos of the same content the id whose hash counts for all of them.
    """
    leaders = {video: (same or {}).get(video, video) for video in videos}
    share = {leader: _share(leader, seed) for leader in leaders.values()}
    test = {leader for leader in share if share[leader] < TEST_SHARE}
    ranked = sorted(share, key=share.__getitem__)
    if len(ranked) == 1:
        test = set()
    elif not test:
        test = set(ranked[:1])
    elif len(test) == len(ranked):
        test = set(ranked[:-1])
    return {video: "test" if leader in test else "train" for video, leader in leaders.items()}


def _share(video: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{video}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
