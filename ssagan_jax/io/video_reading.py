"""Video files as frames, ``uint8 [H, W, 3]``: the one reader of builds, scores and clips.

Everything goes through PyAV, whose wheels bring the codecs: no ffmpeg on the path. Colours are
those of an sRGB screen (``io.video_colours``), frames are upright, and a file whose end is missing
is not taken for a whole one.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from jaxtyping import UInt8

from ssagan_jax.io import video_colours
from ssagan_jax.io.media_files import VIDEO_SUFFIXES
from ssagan_jax.io.video_colours import CURVES, DOLBY_VISION, HDR, Signal
from ssagan_jax.io.video_decoding import DamagedStream, decode, deinterlaced
from ssagan_jax.io.video_ends import missing_end
from ssagan_jax.io.video_times import TimedFrame, between, resample, watched, with_times

VideoClip = UInt8[np.ndarray, "t h w 3"]
Note = Callable[[str], None]

_INTERLACED = (2, 3, 4, 5)  # field orders of FFmpeg
_KEEP = "; --keep-damaged takes what is whole"


class UnreadableVideo(ValueError):
    """A video that cannot be read, or not as a whole; ``reason`` says why without the path."""

    def __init__(self, path: str | os.PathLike, reason: str):
        super().__init__(f"{path} {reason}.")
        self.reason = reason


def read_frames(
    path: str | os.PathLike,
    *,
    fps: int | float | None = None,
    hdr: str = "refuse",
    keep_damaged: bool = False,
    start: float | None = None,
    end: float | None = None,
    note: Note | None = None,
) -> Iterator[UInt8[np.ndarray, "h w 3"]]:
    """Yields the frames of a video as uint8 RGB [H, W, 3], upright, one at a time.

    Args:
      path: the file.
      fps: frames per second to resample to, by the time stamps: at each step the newest frame
        then, so that frames are left out or come twice. None: every frame once.
      hdr: what to do about HDR (PQ, HLG): "refuse" it, "tonemap" it to SDR, or take it "as_is".
      keep_damaged: of a damaged or incomplete file, give what is whole, with a note.
      start: seconds, as the file's time stamps count them; earlier frames are left out.
      end: seconds; frames from here on are left out.
      note: called with one line for each thing about the file that a person might not expect.

    Raises:
      FileNotFoundError: there is no such file.
      ValueError: it is not a video, HDR, damaged or incomplete (``UnreadableVideo``; of one that is
        damaged in the middle, the frames before are yielded first); or an option is wrong.
    """
    timed = read_timed(path, hdr=hdr, keep_damaged=keep_damaged, start=start, end=end, note=note)
    timed = with_uneven_noted(timed, path, note) if fps is None else resample(timed, fps)
    last: TimedFrame | None = None
    pixels = np.zeros((0, 0, 3), np.uint8)
    for frame in timed:
        if frame is not last:
            pixels, last = frame.rgb(hdr=hdr), frame
        yield pixels


def read_video(path: str | os.PathLike, **options: Any) -> VideoClip:
    """Reads a whole video as uint8 RGB [T, H, W, 3]; options and errors as ``read_frames``."""
    frames = list(read_frames(path, **options))
    shapes = {frame.shape for frame in frames}
    if len(shapes) != 1:
        found = "frames of several sizes" if shapes else "no frames"
        raise ValueError(f"Cannot read {path} as a video: it holds {found}.")
    return np.stack(frames)


def read_timed(
    path: str | os.PathLike,
    *,
    hdr: str = "refuse",
    keep_damaged: bool = False,
    start: float | None = None,
    end: float | None = None,
    note: Note | None = None,
) -> Iterator[TimedFrame]:
    """``read_frames`` before frames are converted, with their times, which only grow."""
    if hdr not in HDR:
        raise ValueError(f'hdr is one of {", ".join(HDR)}, got "{hdr}".')
    path, say = Path(path), _Notes(path, note)
    if not path.exists():
        raise FileNotFoundError(f"No video at {path}. Check the path.")
    with _errors(path), av.open(str(path)) as container:
        stream = _stream(path, container, say)
        if problem := _missing(path, container, stream):
            if not keep_damaged:
                raise UnreadableVideo(path, problem + _KEEP)
            say(f"{problem}: what is whole is kept")
        frames = _until_damage(decode(container, stream, start), path, keep_damaged, say)
        first = next(frames, None)
        if first is None:
            return
        signal = _checked_signal(path, first, stream, hdr, say)
        frames = itertools.chain([first], frames)
        if first.interlaced_frame or stream.codec_context.field_order in _INTERLACED:
            say("is interlaced: its fields are joined by FFmpeg's bwdif")
            frames = deinterlaced(frames, stream)
        timed = with_times(frames, signal, float(1 / (stream.average_rate or 25)), say)
        yield from between(timed, start, end)


def describe(path: str | os.PathLike) -> str:
    """What the container says: codec, size, rate and length, such as "h264, 1920 x 1080, ...".

    Errors as ``read_frames``.
    """
    path = Path(path)
    with _errors(path), av.open(str(path)) as container:
        stream = _stream(path, container, lambda text: None)
        seconds = _seconds(container, stream)
        rate = stream.average_rate
        told = [stream.codec_context.name, f"{stream.width} x {stream.height}"]
        told += [f"{float(rate):.4g} frames/s" if rate else "unknown rate"]
        told += [f"{seconds:.4g} s" if seconds else "unknown length"]
        return ", ".join(told)


def with_uneven_noted(
    frames: Iterator[TimedFrame], path: str | os.PathLike, note: Note | None
) -> Iterator[TimedFrame]:
    """The frames of ``read_timed``; notes at their end if they are not equally far apart."""
    return watched(frames, _Notes(Path(path), note))


class _Notes:
    """Passes each line on once, with the file's name."""

    def __init__(self, path: Path, note: Note | None):
        self.path, self.note, self.said = path, note, set[str]()

    def __call__(self, text: str) -> None:
        if self.note and text not in self.said:
            self.note(f"{self.path} {text}.")
        self.said.add(text)


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except UnreadableVideo:
        raise
    except (av.error.FFmpegError, OSError) as error:
        expected = ", ".join(VIDEO_SUFFIXES[:7])
        reason = f"cannot be read as a video, expected one of {expected}: {error.strerror}"
        raise UnreadableVideo(path, reason) from error
    except video_colours.UnknownColours as error:
        raise UnreadableVideo(path, str(error)) from error


def _stream(path: Path, container: Any, say: Callable[[str], None]) -> Any:
    """The first stream of pictures that is no cover."""
    cover = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    streams = [s for s in container.streams.video if not s.disposition & cover]
    if not streams:
        raise UnreadableVideo(path, "has no pictures")
    if len(streams) > 1:
        say(f"has {len(streams)} streams of pictures: the first one is taken")
    # Frame threads, the default of many, lose a decoder's errors.
    streams[0].thread_type = "SLICE"
    return streams[0]


def _missing(path: Path, container: Any, stream: Any) -> str | None:
    """What is missing at the file's end, in frames where the container lists them."""
    problem, listed = missing_end(path), stream.index_entries
    if problem is None or "mp4" not in container.format.name or not stream.frames:
        return problem
    size = path.stat().st_size
    whole = sum(entry.pos + entry.size <= size for entry in listed)
    return f"is incomplete: {whole} of {len(listed)} frames are whole"


def _seconds(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def _until_damage(
    frames: Iterator[av.VideoFrame], path: Path, keep_damaged: bool, say: Callable[[str], None]
) -> Iterator[av.VideoFrame]:
    try:
        yield from frames
    except DamagedStream as damage:
        if not keep_damaged:
            raise UnreadableVideo(path, str(damage) + _KEEP) from damage
        say(f"{damage}: the frames before are kept")


def _checked_signal(
    path: Path, frame: av.VideoFrame, stream: Any, hdr: str, say: Callable[[str], None]
) -> Signal:
    """That of the first frame; refuses HDR, notes what a person might not expect."""
    signal = video_colours.signal(frame)
    kind = CURVES.get(signal.curve)
    if kind is None and stream.codec_context.codec_tag in DOLBY_VISION:
        kind = "Dolby Vision without another base, which cannot be tone-mapped here"
        hdr = "refuse" if hdr == "tonemap" else hdr
    if kind and hdr == "refuse":
        reason = (
            f"is HDR ({kind}), whose numbers are not those of a screen. --hdr=tonemap maps PQ and "
            "HLG to SDR, --hdr=as_is takes the numbers as they are; or convert it to SDR first"
        )
        raise UnreadableVideo(path, reason)
    if kind:
        mapped = "mapped to SDR" if hdr == "tonemap" else "taken as it is, too dark and too pale"
        say(f"is HDR ({kind}): {mapped}")
    ratio = stream.codec_context.sample_aspect_ratio
    if ratio and ratio != 1:
        say(f"has pixels that are not square ({ratio}): they are taken as if they were")
    if video_colours.is_transparent(frame):
        say("has transparency, which is laid over white")
    return signal
