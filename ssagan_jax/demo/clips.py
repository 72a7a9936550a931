"""Making one visitor's clip: a photo's file in, ``clip.mp4``, ``clip.gif``, ``photo.jpg`` out."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ssagan_jax import animation, masks, photo_io, video_io
from ssagan_jax.demo.orders import FPS, PAINTED, SKY, Order
from ssagan_jax.generate import Animator

UPLOAD, MASK = "upload", "mask"
VIDEO, GIF, PHOTO = "clip.mp4", "clip.gif", "photo.jpg"
# Both sides of a clip are multiples of it: each size compiles a program, so there are few sizes.
STEP = 16
GIF_SIDE, GIF_EVERY = 480, 2  # pixels; every second frame: GIFs are large

Progress = Callable[[int, int], None]
Make = Callable[[Path, Order, Progress], None]


def maker(model: Animator, *, side: int) -> Make:
    """A function that makes the clip of one folder.

    Args:
      model: of ``generate.animator``.
      side: of the clip, the long one, in pixels at most.

    Returns:
      ``make(folder, order, progress)``: reads ``UPLOAD`` and ``MASK`` in the folder, and writes
      ``PHOTO`` (what the clip is compared with: its size, upright), then ``VIDEO`` and ``GIF``.
      Raises ValueError, in words for the visitor, for a photo that cannot be animated.
    """

    def make(folder: Path, order: Order, progress: Progress) -> None:
        with open(folder / UPLOAD, "rb") as file:
            photo = reduced(photo_io.decode_photo(file, "The photo"), side=side)
        mask = _mask(folder, photo, order)
        photo, mask = trimmed(photo), None if mask is None else trimmed(mask)
        Image.fromarray(photo).save(folder / PHOTO, quality=92)
        options = animation.Options(
            frames=order.frames, speed=order.speed, loop=True, seed=order.seed
        )
        clip = animation.animate(photo, model, options, mask=mask, progress=progress)
        with contextlib.ExitStack() as stack:
            video = stack.enter_context(video_io.writer(folder / VIDEO, fps=FPS))
            gif = stack.enter_context(video_io.writer(folder / GIF, fps=FPS / GIF_EVERY))
            for number, frame in enumerate(clip):
                video(frame)
                if number % GIF_EVERY == 0:
                    gif(reduced(frame, side=GIF_SIDE))

    return make


def warm_up(model: Animator) -> None:
    """Compiles the model before the first visitor comes."""
    model(np.zeros((1, model.size, model.size, 3), np.uint8), seed=0)


def reduced(photo: np.ndarray, *, side: int) -> np.ndarray:
    """A photo, uint8 [H, W, 3], whose long side is at most ``side`` pixels."""
    scale = side / max(photo.shape[:2])
    if scale >= 1:
        return photo
    height, width = (max(1, round(length * scale)) for length in photo.shape[:2])
    return animation.resized(photo, height, width)


def trimmed(image: np.ndarray) -> np.ndarray:
    """The middle of a picture, [H, W] or [H, W, 3], whole steps of ``STEP`` high and wide.

    A side below one step stays.
    """
    top, left, tall, wide = 0, 0, *image.shape[:2]
    if tall >= STEP:
        top, tall = tall % STEP // 2, tall - tall % STEP
    if wide >= STEP:
        left, wide = wide % STEP // 2, wide - wide % STEP
    return np.ascontiguousarray(image[top : top + tall, left : left + wide])


def _mask(folder: Path, photo: np.ndarray, order: Order) -> np.ndarray | None:
    """At the photo's size. Raises ValueError as ``maker``."""
    if order.moves == PAINTED:
        painted = masks.feathered(photo_io.read_mask(folder / MASK))
        return masks.fitted(painted, height=photo.shape[0], width=photo.shape[1])
    return _sky(photo) if order.moves == SKY else None


def _sky(photo: np.ndarray) -> np.ndarray:
    try:
        return masks.sky(photo)
    except ValueError as error:
        raise ValueError("No sky was found in the photo. Paint what may move.") from error
