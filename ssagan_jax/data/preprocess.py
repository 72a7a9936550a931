"""What is done to frames and clips: decode, resize, flip."""

import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image


def decode_image(data: bytes) -> Image.Image:
    """An RGB picture from the bytes of a JPEG (or any file Pillow reads)."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


def resize_image(image: Image.Image, *, size: int) -> UInt8[np.ndarray, "size size 3"]:
    """Scales to size x size, bilinear; the aspect ratio is not kept (as in the paper)."""
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(image)


def flip_clip(clip: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """Mirrors a clip left to right."""
    return clip[:, :, ::-1]


def random_flip(example: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Mirrors the example's clip with probability one half."""
    if rng.random() < 0.5:
        return {**example, "clip": np.ascontiguousarray(flip_clip(example["clip"]))}
    return example


def cut_tile(strip: Image.Image, index: int) -> Image.Image:
    """The index-th square frame of a vertical strip, from the top."""
    side = strip.width
    return strip.crop((0, side * index, side, side * (index + 1)))
