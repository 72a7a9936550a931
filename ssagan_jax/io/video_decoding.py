"""A video's stream decoded, frame by frame: what is not whole is told."""

import contextlib
from collections.abc import Iterator
from typing import Any

import av


class DamagedStream(Exception):
    """The decoder met something that is not whole."""


def decode(container: Any, stream: Any, start: float | None) -> Iterator[av.VideoFrame]:
    """Decoded frames, from the last key frame before ``start`` on.

    Raises:
      DamagedStream: as ``_decode_all``.
    """
    if start is not None:
        with contextlib.suppress(av.error.FFmpegError):
            container.seek(int(max(0, start - 0.5) / stream.time_base), stream=stream)
            frames = _decode_all(container, stream)
            first = next(frames, None)
            if first is not None and first.time is not None and first.time <= start:
                yield first
                yield from frames
                return
        container.seek(0)  # it went too far, as in files without a list of key frames
    yield from _decode_all(container, stream)


def _decode_all(container: Any, stream: Any) -> Iterator[av.VideoFrame]:
    """Decoded frames; those that cannot be decoded at the beginning are passed over.

    A recording that starts between two key frames, as of television, begins with such frames.

    Raises:
      DamagedStream: if a later frame is not whole.
    """
    count, failed = 0, ""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            frames = packet.decode()
        except av.error.FFmpegError as error:
            failed = error.strerror or str(error)
            if count:
                raise DamagedStream(f"is damaged after {count} frames ({failed})") from error
            continue
        for frame in frames:
            if not frame.is_corrupt:
                count += 1
                yield frame
            elif count:
                raise DamagedStream(f"is damaged after {count} frames (one is not whole)")
    if failed and not count:
        raise DamagedStream(f"has no frame that can be decoded ({failed})")


def deinterlaced(frames: Iterator[av.VideoFrame], stream: Any) -> Iterator[av.VideoFrame]:
    """As many frames, without combs; progressive ones among them stay as they are."""
    graph = av.filter.Graph()
    source = graph.add_buffer(template=stream)
    join, sink = graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink")
    source.link_to(join)
    join.link_to(sink)
    graph.configure()
    for frame in frames:
        source.push(frame)
        yield from _pulled(sink)
    source.push(None)
    yield from _pulled(sink)


def _pulled(sink: Any) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield sink.pull()
        except (BlockingIOError, EOFError):  # FFmpeg's "not yet" and "no more"
            return
