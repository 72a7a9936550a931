"""Encoders of mp4 and gif files, through PyAV: contexts with a function that adds a frame."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

Add = Callable[[np.ndarray], None]  # a frame, uint8 [H, W, 3]
Encoder = Callable[[Path, tuple[int, int], Fraction], AbstractContextManager[Add]]

# Of H.264, in blocks of 16 x 16 pixels and in pixels a side. Level 6.2 is what x264 can write;
# 5.2 (as large as 4096 x 2304) what most phones, tablets and televisions play.
LARGEST, LONGEST = 139_264, 16_384
PLAYED_EVERYWHERE = 36_864
_HD = 8160  # 1920 x 1080


# FFmpeg's fast conversion between RGB and YUV darkens by a grey level or two; this is exact.
EXACT = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
# ITU-T H.273: 1 is BT.709 for the primaries, the transfer curve and the matrix.
_BT709 = 1


@contextlib.contextmanager
def mp4(path: Path, size: tuple[int, int], rate: Fraction, *, crf: int = 18) -> Iterator[Add]:
    """H.264 yuv420p, index first, BT.709; frames are encoded as they come.

    Args:
      path: where.
      size: height and width, in pixels.
      rate: frames per second.
      crf: x264's rate factor, 1 to 51; less is better and larger.

    Raises:
      ValueError: a size that mp4 cannot hold.
    """
    check_mp4(*size)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        # x264 looks 40 frames ahead and keeps them all: of large ones that is gigabytes.
        ahead = max(5, min(40, 40 * _HD // blocks(*size)))
        options = {"crf": str(crf), "rc-lookahead": str(ahead)}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_range = ColorRange.MPEG
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        yield lambda rgb: container.mux(stream.encode(_yuv(rgb)))
        container.mux(stream.encode())


@contextlib.contextmanager
def gif(path: Path, size: tuple[int, int], rate: Fraction) -> Iterator[Add]:
    """An endless loop in 256 colours of the whole clip; arguments as ``mp4``."""
    graph, source, sink = _palette_graph(*size, 1 / rate)
    count = 0

    def add(rgb: np.ndarray) -> None:
        nonlocal count
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
        frame.pts, frame.time_base = count, 1 / rate
        source.push(frame)
        count += 1

    yield add
    source.push(None)
    with av.open(str(path), "w", format="gif", options={"loop": "0"}) as container:
        stream = container.add_stream("gif", rate=rate)
        stream.height, stream.width = size
        stream.pix_fmt = "pal8"
        for _ in range(count):
            container.mux(stream.encode(sink.pull()))
        container.mux(stream.encode())
    del graph  # until here: its ends do not keep it


def check_mp4(height: int, width: int) -> None:
    """Raises ValueError for a height and width, in pixels, that mp4 cannot hold."""
    if height % 2 or width % 2:
        raise ValueError(f"mp4 needs an even height and width, got {height} x {width} pixels.")
    if blocks(height, width) > LARGEST or max(height, width) > LONGEST:
        raise ValueError(
            f"{width} x {height} pixels are more than H.264 holds (level 6.2: {LARGEST} blocks of "
            f"16 x 16, {LONGEST} pixels a side). Make it smaller, for example --size=3840."
        )


def blocks(height: int, width: int) -> int:
    """How many 16 x 16 blocks of H.264 a frame has."""
    return -(-height // 16) * -(-width // 16)


def _yuv(rgb: np.ndarray) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=EXACT,
    )


def _palette_graph(
    height: int, width: int, frame_time: Fraction
) -> tuple[av.filter.Graph, Any, Any]:
    """FFmpeg's two passes in one graph: choose 256 colours, then dither to them."""
    graph = av.filter.Graph()
    rgb = av.VideoFormat("rgb24", width, height)
    source = graph.add_buffer(width=width, height=height, format=rgb, time_base=frame_time)
    split, sink = graph.add("split"), graph.add("buffersink")
    # An ordered dither: the same from frame to frame, which GIF's compression likes.
    dither = "dither=bayer:bayer_scale=3"
    palette, dithered = graph.add("palettegen"), graph.add("paletteuse", dither)
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(dithered, 1, 0)
    palette.link_to(dithered, 0, 1)
    dithered.link_to(sink)
    graph.configure()
    return graph, source, sink
