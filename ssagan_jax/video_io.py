"""Video files: mp4, mov, webm and gif on one side, ``uint8 [T, H, W, 3]`` on the other.

Everything goes through PyAV, whose wheels bring the codecs: no ffmpeg on the path.
"""

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from jaxtyping import UInt8

from ssagan_jax.photo_io import check_writable, replacing

VideoClip = UInt8[np.ndarray, "t h w 3"]

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".gif")  # what ``read_video`` is made for
FPS = 25  # frames per second of the clips the paper shows

# FFmpeg's fast conversion between RGB and YUV darkens by a grey level or two; this is exact.
_EXACT = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
# ITU-T H.273: 1 is BT.709 for the primaries, the transfer curve and the matrix.
_BT709 = 1
_UNSPECIFIED = 2
_GIF_MAX_FPS = 50  # browsers slow faster ones down to 10


def read_frames(path: str | os.PathLike) -> Iterator[UInt8[np.ndarray, "h w 3"]]:
    """Yields the frames of a video as uint8 RGB [H, W, 3], upright, one at a time.

    Raises:
      FileNotFoundError: there is no such file.
      ValueError: it is not a video, or damaged (frames before the damage are yielded).
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"No video at {path}. Check the path.")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ValueError("it has no pictures")
            container.streams.video[0].thread_type = "AUTO"
            for frame in container.decode(video=0):
                yield _rgb(frame)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"Cannot read {path} as a video, expected one of {', '.join(VIDEO_SUFFIXES)}: {reason}"
        ) from error


def read_video(path: str | os.PathLike) -> VideoClip:
    """Reads a whole video as uint8 RGB [T, H, W, 3]; errors as ``read_frames``."""
    frames = list(read_frames(path))
    shapes = {frame.shape for frame in frames}
    if len(shapes) != 1:
        found = "frames of several sizes" if shapes else "no frames"
        raise ValueError(f"Cannot read {path} as a video: it holds {found}.")
    return np.stack(frames)


def write(path: str | os.PathLike, clip: np.ndarray, *, fps: int | float = FPS) -> Path:
    """Writes a clip as what the suffix says, ``.mp4`` or ``.gif``. Returns the path.

    Raises:
      ValueError: another suffix; a clip or rate that this kind of file cannot hold.
      OSError: the path cannot be written; what was there is unchanged.
    """
    return _writer(path)(path, clip, fps=fps)


def check_output(path: str | os.PathLike, *, fps: int | float = FPS) -> None:
    """Raises now what ``write`` would raise about path and rate; makes missing folders."""
    _check_rate(fps, gif=_writer(path) is write_gif)
    check_writable(path)


def write_video(path: str | os.PathLike, clip: np.ndarray, *, fps: int | float = FPS) -> Path:
    """Writes H.264 yuv420p mp4 that browsers start at once (index first, BT.709).

    Args:
      path: where; folders are made, a file there is replaced only when all is written.
      clip: uint8 RGB [T, H, W, 3], H and W even (4:2:0 has one colour per 2 x 2 pixels).
      fps: frames per second.

    Raises:
      ValueError: wrong clip or rate.
      OSError: the path cannot be written; what was there is unchanged.
    """
    _check_rate(fps, gif=False)
    _check_clip(clip)
    height, width = clip.shape[1:3]
    if height % 2 or width % 2:
        raise ValueError(f"mp4 needs an even height and width, got {height} x {width} pixels.")
    with replacing(path) as partial:
        _saved(_encode_mp4, partial, clip, Fraction(fps).limit_denominator(1001))
    return Path(path)


def write_gif(path: str | os.PathLike, clip: np.ndarray, *, fps: int | float = FPS) -> Path:
    """Writes an endlessly looping GIF, 256 colours chosen from the whole clip.

    Arguments and errors as ``write_video``; sizes may be odd, and ``fps`` is at most
    50. Delays are whole hundredths of a second, rounded so that the total is right.
    """
    _check_rate(fps, gif=True)
    _check_clip(clip)
    with replacing(path) as partial:
        _saved(_encode_gif, partial, clip, Fraction(fps).limit_denominator(1001))
    return Path(path)


_WRITERS = {".mp4": write_video, ".gif": write_gif}


def _writer(path: str | os.PathLike) -> Callable[..., Path]:
    suffix = Path(path).suffix.lower()
    if suffix not in _WRITERS:
        raise ValueError(
            f'Cannot write {path}: unknown suffix "{suffix}". Known: {", ".join(_WRITERS)}.'
        )
    return _WRITERS[suffix]


def _check_rate(fps: int | float, *, gif: bool) -> None:
    if not 0 < fps < float("inf"):
        raise ValueError(f"fps is frames per second, above 0, got {fps}.")
    if gif and fps > _GIF_MAX_FPS:
        raise ValueError(f"GIF plays at most {_GIF_MAX_FPS} frames per second, got {fps}.")


def _check_clip(clip: np.ndarray) -> None:
    if clip.dtype != np.uint8 or clip.ndim != 4 or clip.shape[3] != 3 or 0 in clip.shape:
        raise ValueError(
            f"A video is uint8 [T, H, W, 3] and not empty, got {clip.dtype} {list(clip.shape)}."
        )


def _saved(encode: Callable[..., None], path: Path, clip: VideoClip, rate: Fraction) -> None:
    try:
        encode(path, clip, rate)
    except av.error.FFmpegError as error:  # only some of FFmpeg's errors are OSErrors
        raise OSError(error.errno, error.strerror) from error


def _rgb(frame: av.VideoFrame) -> UInt8[np.ndarray, "h w 3"]:
    # Files that do not name their matrix: players take BT.601 for small ones, BT.709 for HD.
    untagged_hd = frame.colorspace == _UNSPECIFIED and frame.height >= 720
    rgb = frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709 if untagged_hd else None,
        interpolation=_EXACT,
    )
    quarter_turns = round(frame.rotation / 90)  # phones film sideways and say so
    return np.ascontiguousarray(np.rot90(rgb.to_ndarray(), quarter_turns))


def _encode_mp4(path: Path, clip: VideoClip, rate: Fraction) -> None:
    options = {"movflags": "+faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "18"})
        stream.height, stream.width = clip.shape[1:3]
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_range = ColorRange.MPEG
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        for rgb in clip:
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation=_EXACT,
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _encode_gif(path: Path, clip: VideoClip, rate: Fraction) -> None:
    with av.open(str(path), "w", format="gif", options={"loop": "0"}) as container:
        stream = container.add_stream("gif", rate=rate)
        stream.height, stream.width = clip.shape[1:3]
        stream.pix_fmt = "pal8"
        for frame in _with_palette(clip, 1 / rate):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _with_palette(clip: VideoClip, frame_time: Fraction) -> Iterator[av.VideoFrame]:
    """FFmpeg's two passes in one graph: choose 256 colours, then dither to them."""
    graph = av.filter.Graph()
    height, width = clip.shape[1:3]
    source = graph.add_buffer(width=width, height=height, format="rgb24", time_base=frame_time)
    split, sink = graph.add("split"), graph.add("buffersink")
    palette, dithered = graph.add("palettegen"), graph.add("paletteuse")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(dithered, 1, 0)
    palette.link_to(dithered, 0, 1)
    dithered.link_to(sink)
    graph.configure()
    for index, rgb in enumerate(clip):
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
        frame.pts, frame.time_base = index, frame_time
        source.push(frame)
    source.push(None)
    for _ in clip:
        yield sink.pull()
