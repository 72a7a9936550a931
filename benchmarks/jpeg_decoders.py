"""Ways to decode and scale the frames of a clip, and how far their pixels are from the protocol's.

python benchmarks/input.py --decoders
"""

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import input as clips
import numpy as np
from PIL import Image

from ssagan_jax.data import preprocess

ROUNDS = 8  # taken in turns; the best one counts
SIZE = (clips.SIZE, clips.SIZE)


def report() -> None:
    """Prints a row for each way: processor time of a clip, differences from the first way."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        clips.write_sky(Path(folder), videos=2)
        frames = [path.read_bytes() for path in sorted(Path(folder).rglob("*.jpg"))]
    found, best = {}, dict.fromkeys(WAYS, float("inf"))
    for _ in range(ROUNDS):
        for name, way in WAYS.items():
            start = time.thread_time()
            found[name] = np.stack([way(frame) for frame in frames]).astype(int)
            best[name] = min(best[name], time.thread_time() - start)
    expected = next(iter(found.values()))
    print("| decoded, then scaled by | ms a clip | mean difference | largest |\n|---|---|---|---|")
    for name, seconds in best.items():
        apart = np.abs(found[name] - expected)
        of_clip = 1e3 * seconds / len(frames) * clips.FRAMES
        print(f"| {name} | {of_clip:.1f} | {apart.mean():.3f} | {apart.max()} |")


def protocol(data: bytes) -> np.ndarray:
    return preprocess.resize_image(preprocess.decode_image(data), size=clips.SIZE)


def draft(data: bytes) -> np.ndarray:
    """The decoder leaves out the finest detail, where what is left is no smaller than asked."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", SIZE)
        return preprocess.resize_image(image.convert("RGB"), size=clips.SIZE)


def by_opencv(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def by_ffmpeg(data: bytes) -> np.ndarray:
    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.thread_count = 1
    packet = av.Packet(data)
    [frame] = [*decoder.decode(packet), *decoder.decode(None)]
    return frame.to_ndarray(format="rgb24")


def by_pillow(decode: Callable[[bytes], np.ndarray]) -> Callable[[bytes], np.ndarray]:
    return lambda data: preprocess.resize_image(Image.fromarray(decode(data)), size=clips.SIZE)


WAYS = {
    "Pillow, Pillow (the protocol)": protocol,
    "Pillow with `draft`, Pillow": draft,
    "OpenCV, Pillow": by_pillow(by_opencv),
    "OpenCV, OpenCV bilinear": lambda data: cv2.resize(by_opencv(data), SIZE),
    "OpenCV, OpenCV area": lambda data: cv2.resize(
        by_opencv(data), SIZE, interpolation=cv2.INTER_AREA
    ),
    "FFmpeg's mjpeg, Pillow": by_pillow(by_ffmpeg),
}
