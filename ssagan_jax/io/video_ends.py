"""Whether a video's file ends where its container says: half a download does not."""

import io
import os
from pathlib import Path

# Matroska's elements that hold others; those of unknown size are walked through.
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_MP4 = (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip")


def missing_end(path: Path) -> str | None:
    """Says that a file lacks its end; None if it does not, or that cannot be known.

    MP4 and MOV, Matroska and WebM, AVI and GIF say how long they are. MPEG streams do not.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        file.seek(0)
        if start[4:8] in _MP4:
            needed = _mp4(file, size)
        elif start.startswith(b"\x1aE\xdf\xa3"):
            needed = _matroska(file, size)
        elif start.startswith(b"RIFF") and start[8:] == b"AVI ":
            needed = int.from_bytes(start[4:8], "little") + 8
        elif start.startswith(b"GIF8"):
            return (
                None if _has_trailer(file, size) else "is incomplete: a GIF ends with its trailer"
            )
        else:
            return None
    if needed <= size:
        return None
    return f"is incomplete: it has {size:,} bytes of at least {needed:,}"


def _mp4(file: io.BufferedReader, size: int) -> int:
    """Where the last box ends."""
    end = 0
    while end + 8 <= size:
        file.seek(end)
        length, kind = int.from_bytes(file.read(4), "big"), file.read(4)
        if length == 1:
            length = int.from_bytes(file.read(8), "big")
        if length < 8 or not kind.isalnum():  # 0: to the end of the file; else: no box
            return size
        end += length
    return end


def _matroska(file: io.BufferedReader, size: int) -> int:
    """Where the last element ends that says how long it is."""
    end = 0
    while end < size:
        file.seek(end)
        identity, _ = _number(file, marked=True)
        length, unknown = _number(file, marked=False)
        start = file.tell()
        if identity == 0:  # no element
            return size
        within = identity == _SEGMENT or (identity == _CLUSTER and unknown)
        if within and (unknown or start + length <= size):
            end = start
        elif unknown:
            return size
        else:
            end = start + length
    return end


def _number(file: io.BufferedReader, *, marked: bool) -> tuple[int, bool]:
    """EBML's number, with or without the bit that marks its length; whether it is "unknown"."""
    first = file.read(1)
    if not first or not first[0]:
        return 0, True
    more = 8 - first[0].bit_length()
    value = int.from_bytes(first + file.read(more), "big")
    bits = 7 * (more + 1)
    low = value & ((1 << bits) - 1)
    return (value if marked else low), low == (1 << bits) - 1


def _has_trailer(file: io.BufferedReader, size: int) -> bool:
    file.seek(max(0, size - 1024), os.SEEK_SET)
    return file.read().rstrip(b"\0\r\n ").endswith(b";")
