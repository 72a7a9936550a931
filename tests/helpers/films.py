"""Small videos with exact numbers, made for the tests of the readers."""

from fractions import Fraction

import av
import numpy as np

from ssagan_jax.io import video_reading

RAMP = list(range(20, 220, 5))  # 40 greys
BARS = [(200, 40, 40), (40, 180, 60), (40, 60, 200), (128, 128, 128)]
# Shares of red and blue in the brightness, by the tag of the matrix.
_SHARES = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
_MILLISECONDS = Fraction(1, 1000)


def yuv(colours, *, matrix=6, pix_fmt="yuv420p", full=False, width=16, height=16):
    """A frame with a bar of each colour (R'G'B', 0 to 255), as a standard says, rounded once."""
    red, blue = _SHARES[matrix]
    r, g, b = np.array(colours, float).T / 255
    y = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - y) / 2 / (1 - blue), (r - y) / 2 / (1 - red)
    bits = 10 if "10" in pix_fmt else 8
    if full:
        top = 2**bits - 1
        planes = [y * top, u * top + 2 ** (bits - 1), v * top + 2 ** (bits - 1)]
    else:
        planes = [(16 + 219 * y), (128 + 224 * u), (128 + 224 * v)]
        planes = [plane * 2 ** (bits - 8) for plane in planes]
    frame = av.VideoFrame(width * len(colours), height, pix_fmt)
    kind = np.uint16 if bits > 8 else np.uint8
    for plane, values in zip(frame.planes, planes, strict=True):
        row = np.repeat(np.round(values), plane.width // len(colours)).astype(kind)
        rows = np.zeros((plane.height, plane.line_size // row.itemsize), kind)
        rows[:, : len(row)] = row
        plane.update(rows.tobytes())
    return frame


def grey(values, *, size=(16, 16)):
    """Frames of one grey each."""
    return [yuv([(value,) * 3], width=size[1], height=size[0]) for value in values]


def write(
    path,
    frames,
    *,
    times=None,
    codec="libx264",
    rate=25,
    tags=(),
    options=None,
    container_options=None,
    ratio=None,
):
    """Writes ``av`` frames, lossless by default.

    Args:
      path: where; the suffix says what container.
      frames: of PyAV.
      times: time stamps in milliseconds; None: by the rate.
      codec: the encoder.
      rate: frames per second.
      tags: attributes of the codec's context, such as ``color_trc``, as pairs.
      options: of the encoder; None: lossless x264.
      container_options: of the muxer.
      ratio: of a pixel's width to its height.
    """
    options = {"qp": "0"} if options is None and codec == "libx264" else options or {}
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height = frames[0].width, frames[0].height
        stream.pix_fmt = frames[0].format.name
        context = stream.codec_context
        if times is not None:
            context.time_base = _MILLISECONDS
        if ratio is not None:
            context.sample_aspect_ratio = ratio
        for name, value in dict(tags).items():
            setattr(context, name, value)
        for number, frame in enumerate(frames):
            for name in ("colorspace", "color_range", "color_primaries", "color_trc"):
                if name in dict(tags):
                    setattr(frame, name, dict(tags)[name])
            frame.pts = number if times is None else times[number]
            frame.time_base = 1 / Fraction(rate) if times is None else _MILLISECONDS
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def bars(rgb, count=4):
    """The colour in the middle of each bar of a picture, as a list of tuples."""
    height, width, _ = rgb.shape
    step = width // count
    return [tuple(map(int, rgb[height // 2, step // 2 + n * step])) for n in range(count)]


def greys(path, **options):
    """Of each frame the grey, to the nearest 5, and the notes."""
    notes = []
    frames = list(video_reading.read_frames(path, note=notes.append, **options))
    return [5 * round(frame[8, 8, 0] / 5) for frame in frames], [
        n.removeprefix(f"{path} ") for n in notes
    ]


def noisy(count, size=64):
    """Frames that need bytes."""
    draw = np.random.default_rng(0)
    pictures = draw.integers(0, 256, (count, size, size, 3), np.uint8)
    return [av.VideoFrame.from_ndarray(p, "rgb24").reformat(format="yuv420p") for p in pictures]
