"""What is done to frames and clips: decode, resize, flip."""

import io
from collections.abc import Callable

import numpy as np
from jaxtyping import UInt8
from PIL import Image

Example = dict[str, np.ndarray]


def decode_image(data: bytes) -> Image.Image:
    """An RGB picture from the bytes of a JPEG (or any file Pillow reads)."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


def resize_image(image: Image.Image, *, size: int) -> UInt8[np.ndarray, "size size 3"]:
    """Scales to size x size, bilinear; the aspect ratio is not kept (as in the paper)."""
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(image)


def crop_center(image: Image.Image) -> Image.Image:
    """The largest square in the middle of a picture."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def flip_clip(clip: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """Mirrors a clip left to right."""
    return clip[:, :, ::-1]


def reverse_clip(clip: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """Plays a clip backwards."""
    return clip[::-1]


def random_flip(example: Example, rng: np.random.Generator) -> Example:
    """Mirrors the example's clip, and what else is known of it, with probability one half."""
    if rng.random() >= 0.5:
        return example
    found = _moved(example, flip_clip, (-1, 1))
    for name in {"moving", "mask"} & example.keys():
        found[name] = np.ascontiguousarray(example[name][:, ::-1])
    return found


def random_reverse(example: Example, rng: np.random.Generator) -> Example:
    """Plays the example's clip backwards, in the opposite wind, with probability one half."""
    return _moved(example, reverse_clip, (-1, -1)) if rng.random() < 0.5 else example


def _moved(example: Example, change: Callable, signs: tuple[int, int]) -> Example:
    """The example with another clip, and each direction of its wind times a sign."""
    found = {**example, "clip": np.ascontiguousarray(change(example["clip"]))}
    if "wind" in example:
        found["wind"] = example["wind"] * np.array(signs, np.float32)
    return found


def cut_tile(strip: Image.Image, index: int) -> Image.Image:
    """The index-th square frame of a vertical strip, from the top."""
    side = strip.width
    return strip.crop((0, side * index, side, side * (index + 1)))
