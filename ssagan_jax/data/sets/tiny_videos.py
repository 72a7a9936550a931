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
from pathlib import Path

from PIL import Image

from ssagan_jax.data.building import files
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.data.windows import WindowSource
from ssagan_jax.io.text_files import read_text
from ssagan_jax.io.user_folders import expanded

_EXPECTED = "the folder with the tiny videos, such as videos2/.../NAME.mp4/0000.jpg"


source = partial(WindowSource, "tiny_videos")  # options and errors as in data.source


def list_shots(source: str, *, list_file: str | None = None, seed: int = 0) -> list[Shot | Skipped]:
    """The strips, and listed files that are not there.

    Args:
      source: the folder with the strips.
      list_file: text file with the paths to take, one a line; None takes every JPEG.
      seed: of the split.

    Raises:
      FileNotFoundError: if ``source`` or ``list_file`` does not exist.
      ValueError: if there is no JPEG.
    """
    folder = files.source_folder(source, expected=_EXPECTED)
    paths = _listed(folder, list_file) if list_file else sorted(folder.rglob("*.jpg"))
    if not paths:
        raise ValueError(f"{folder} has no JPEG file. Expected {_EXPECTED}.")
    here = [path for path in paths if path.is_file()]
    videos = [path.parent.relative_to(folder).as_posix() for path in here]
    splits = files.split_by_hash(sorted(set(videos)), seed=seed)
    absent = sorted(set(paths) - set(here))
    return [
        *(Skipped(str(path), "listed, but not there") for path in absent),
        *(
            Shot(f"{video}/{path.name}", video, splits[video], partial(_strip, path), strip=True)
            for path, video in zip(here, videos, strict=True)
        ),
    ]


def _listed(folder: Path, list_file: str) -> list[Path]:
    path = expanded(list_file)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. Expected a text file, one path a line.")
    rows = read_text(path).split("\n")
    return [folder / row.strip().lstrip("/") for row in rows if row.strip()]


def _strip(path: Path) -> Iterator[bytes | Skipped]:
    for data in files.read_jpegs([path]):
        if isinstance(data, Skipped):
            yield data
            continue
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        if height % width or height < 2 * width:
            reason = f"not a strip of square frames: {width} x {height} pixels"
            yield Skipped(str(path), reason)
        else:
            yield data
