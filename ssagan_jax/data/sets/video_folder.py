"""Any folder of videos: mp4, mov, webm and the like, and folders of frames.

With ``train`` and ``test`` in the folder these are the splits; otherwise a seeded hash of the
file's path sends about 10 % of the videos to "test". Videos are decoded once: the short side is
scaled down to ``max_size`` (never up), frames are stored as JPEG at quality 95 without chroma
subsampling. Every file is taken as one shot: cut footage with scene changes beforehand.
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

VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".gif")
IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
_EXPECTED = "a folder with videos (" + ", ".join(VIDEOS) + ") or folders of frames"


source = partial(WindowSource, "video_folder")  # options and errors as in data.source


def list_shots(source: str, *, max_size: int = 256, seed: int = 0) -> list[Shot | Skipped]:
    """The videos and folders of frames, and files of other kinds.

    Args:
      source: the folder with videos or folders of frames, at any depth.
      max_size: short side of the stored frames, in pixels.
      seed: of the split.

    Raises:
      FileNotFoundError: if ``source`` does not exist.
      ValueError: if there is nothing to read, or ``max_size`` is not positive.
    """
    if max_size < 1:
        raise ValueError(f"max_size is {max_size}; expected a number of pixels of at least 1.")
    folder = files.source_folder(source, expected=_EXPECTED)
    given = [name for name in ("train", "test") if (folder / name).is_dir()]
    items: list[Shot | Skipped] = []
    found: dict[str, Path] = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        if _is(path, VIDEOS) or _has_frames(path):
            found[path.relative_to(folder).as_posix() if path != folder else path.name] = path
        elif not path.is_dir() and not _is(path, IMAGES):
            items.append(Skipped(str(path), "neither a video nor a frame"))
    if not found:
        raise ValueError(f"{folder} has no video. Expected {_EXPECTED}.")
    splits = files.split_by_hash(list(found), seed=seed)
    for name, path in found.items():
        top = name.split("/")[0]
        if given and top not in given:
            items.append(Skipped(str(path), "outside of the folders train and test"))
            continue
        frames = partial(_folder_frames if path.is_dir() else _video_frames, path, max_size)
        items.append(Shot(name, name, top if given else splits[name], frames))
    return items


def _is(path: Path, suffixes: tuple[str, ...]) -> bool:
    return path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file()


def _has_frames(path: Path) -> bool:
    return path.is_dir() and any(_is(file, IMAGES) for file in path.iterdir())


def _folder_frames(folder: Path, max_size: int) -> Iterator[bytes | Skipped]:
    """Frames in natural order of their names; small JPEGs as found, others encoded."""
    paths = (path for path in folder.iterdir() if _is(path, IMAGES))
    for path in sorted(paths, key=files.natural_order):
        yield _read_frame(path, max_size)


def _read_frame(path: Path, max_size: int) -> bytes | Skipped:
    data = b""
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            fits = image.format == "JPEG" and min(image.size) <= max_size
            image.load()
            return data if fits else _encode(image, max_size)
    except Exception as error:  # a damaged or hostile file can raise nearly anything in a decoder
        reason = files.find_problem(data) if files.is_html(data) else f"unreadable: {error}"
        return Skipped(str(path), reason or "unreadable")


def _video_frames(path: Path, max_size: int) -> Iterator[bytes | Skipped]:
    """Frames of a video one after the other; what comes after an error is left out."""
    import av

    count = 0
    try:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for frame in container.decode(video=0):
                image = frame.to_image()
                if frame.rotation:
                    image = image.rotate(frame.rotation, expand=True)
                yield _encode(image, max_size)
                count += 1
    except (av.FFmpegError, IndexError) as error:
        kept = f"; the {count} frames before are kept" if count else ""
        reason = "no video in it" if isinstance(error, IndexError) else f"unreadable: {error}"
        yield Skipped(str(path), reason + kept, kept=bool(count))


def _encode(image: Image.Image, max_size: int) -> bytes:
    """JPEG with the short side at most ``max_size``."""
    image = image.convert("RGB")
    scale = max_size / min(image.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=95, subsampling=0)
    return buffer.getvalue()
