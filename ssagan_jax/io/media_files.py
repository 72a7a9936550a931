"""Which files of a folder are pictures and videos, and which are nobody's: one list for all."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

PHOTO_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp"),
    *(".tif", ".tiff", ".bmp", ".dib", ".heic", ".heif", ".avif"),
    *(".jp2", ".j2k", ".jpx", ".pgm", ".ppm", ".pnm", ".pbm", ".tga", ".qoi"),
)
VIDEO_SUFFIXES = (
    *(".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".gif", ".mts", ".m2ts", ".ts"),
    *(".mpg", ".mpeg", ".m2v", ".wmv", ".asf", ".flv", ".3gp", ".3g2", ".ogv", ".mxf", ".vob"),
    *(".y4m", ".mjpeg", ".mjpg"),
)
# What systems, NAS boxes and viewers leave in folders, in lower case; and all hidden files.
_CLUTTER = {
    *("@eadir", "#recycle", "#snapshot", "$recycle.bin", "recycler", "lost+found", "@recycle"),
    *("@recently-snapshot", "system volume information", "network trash folder"),
    *("temporary items", "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"),
}


def is_photo(path: Path) -> bool:
    """Whether a file's name is that of a picture."""
    return path.suffix.lower() in PHOTO_SUFFIXES


def is_video(path: Path) -> bool:
    """Whether a file's name is that of a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or was left there by some system."""
    return name.startswith(".") or name.lower() in _CLUTTER


def files_in(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """The files of a folder, not of its folders, with one of these endings, by name.

    Clutter is passed over, and what is no file (pipes, sockets), which would never end.

    Raises:
      OSError: if the folder cannot be read.
    """
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in suffixes and not is_clutter(path.name) and path.is_file()
    )


def unusual_kind(path: Path) -> str | None:
    """What a path is if it is neither a file nor a folder, or leads nowhere; None if it is one."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        broken = isinstance(error, FileNotFoundError) and path.is_symlink()
        return "a link to nothing" if broken else f"unreadable: {error.strerror}"
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    kinds = {stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    kind = next((name for test, name in kinds.items() if test(mode)), "a device")
    return f"{kind}, not a file"


def printable(text: str | os.PathLike) -> str:
    r"""A name that any terminal and JSON file takes: bytes that are no UTF-8 as ``\xe9``."""
    valid = os.fsencode(text).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in valid)
