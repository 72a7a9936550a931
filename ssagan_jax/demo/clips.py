"""Making one visitor's clip: a photo's file in, ``clip.mp4``, ``clip.gif``, ``photo.jpg`` out.

Or, of a model that warps, what the page needs to blow the photo itself (``scenes.py``).
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import numpy as np
from PIL import Image

from ssagan_jax.animation import masks, skies
from ssagan_jax.animation.animator import Animator, Fields, load_animator
from ssagan_jax.animation.films import told
from ssagan_jax.animation.rendering import animate
from ssagan_jax.demo import scenes
from ssagan_jax.demo.orders import EVERYTHING, FPS, PAINTED, SKY, Order
from ssagan_jax.distributed.jax_setup import set_up_jax
from ssagan_jax.io import photo_files, video_files

UPLOAD, MASK = "upload", "mask"
VIDEO, GIF, PHOTO = "clip.mp4", "clip.gif", "photo.jpg"
# Both sides of a clip are multiples of it: each size compiles programs, so there are few sizes.
STEP = 16
SIZES = 64  # whose programs are kept in memory: then all are dropped
GIF_SIDE, GIF_EVERY = 480, 2  # pixels; every second frame: GIFs are large

NEVER = 1e9  # seconds

Progress = Callable[[int, int], None]
Make = Callable[[Path, Order, Progress], None]


def open_maker(path: str | os.PathLike | None, *, side: int) -> tuple[Make, dict[str, bool | int]]:
    """The maker of a model that is ready to run, and what the page has to know of it.

    Raises:
      FileNotFoundError, ValueError: as ``load_animator``.
    """
    set_up_jax()
    model = load_animator(path)
    warm_up(model)
    return maker(model, side=side), described(model)


def maker(model: Animator, *, side: int) -> Make:
    """A function that makes the clip of one folder.

    Args:
      model: of ``load_animator``.
      side: of the clip, the long one, in pixels at most.

    Returns:
      ``make(folder, order, progress)``: reads ``UPLOAD`` and ``MASK`` in the folder, and writes
      ``PHOTO`` (what the clip is compared with: its size, upright), then ``VIDEO`` and ``GIF``; or
      a scene.
      Raises ValueError, in words for the visitor, for a photo that cannot be animated.
    """
    sizes: set[tuple[int, ...]] = set()

    def make(folder: Path, order: Order, progress: Progress) -> None:
        with open(folder / UPLOAD, "rb") as file:
            whole = reduced(photo_files.decode_photo(file, "The photo"), side=side)
        photo = trimmed(whole)
        _check_shape(photo, model, side)
        if len(sizes | {photo.shape}) > SIZES:
            jax.clear_caches()
            sizes.clear()
        sizes.add(photo.shape)
        mask = _mask(folder, whole, photo, model, order)
        Image.fromarray(photo).save(folder / PHOTO, quality=92)
        if model.has_fields:
            clip = _blown(folder, photo, mask, model, order, progress)
        else:
            clip = _changed(photo, mask, model, order, progress)
        if clip is not None:
            _write(folder, clip)

    return make


def _blown(
    folder: Path,
    photo: photo_files.Photo,
    mask: np.ndarray | None,
    model: Animator,
    order: Order,
    progress: Progress,
) -> Iterator[photo_files.Photo] | None:
    """The clip of a model that warps; or a scene's files, and None."""
    # A seed draws nothing but a wind, which visitors choose themselves.
    seed = order.seed if model.draws_noise else None
    if model.takes_mask and order.moves != EVERYTHING:
        model = told(model, _sky(photo) if mask is None else mask)
    fields = scenes.fields_of(photo, model, wind=order.wind or None, seed=seed)
    if mask is not None:
        fields = scenes.painted(fields, mask, wind=order.wind)
        renderer = scenes.renderer_of(photo, fields, mask, island=0)
    else:
        sky = _sky_of(photo, fields) if order.moves == SKY else None
        renderer = scenes.renderer_of(photo, fields, sky)
    if order.live:
        scenes.write_scene(folder, renderer, fields)
        return None
    frames = renderer.frames(order.frames, speed=order.speed, loop=True)
    return _counted(frames, order.frames, progress)


def _counted(
    frames: Iterator[photo_files.Photo], total: int, progress: Progress
) -> Iterator[photo_files.Photo]:
    for done, frame in enumerate(frames, 1):
        progress(done, total)
        yield frame


def _changed(
    photo: photo_files.Photo,
    mask: np.ndarray | None,
    model: Animator,
    order: Order,
    progress: Progress,
) -> Iterator[photo_files.Photo]:
    if order.wind or order.live:
        raise ValueError("This model takes no wind: which way things move is its own choice.")
    clip = animate(
        photo,
        model,
        frames=order.frames,
        speed=order.speed,
        loop=True,
        seed=order.seed,
        mask=mask,
        progress=progress,
    )
    return iter(clip)


def _write(folder: Path, clip: Iterator[photo_files.Photo]) -> None:
    with contextlib.ExitStack() as stack:
        video = stack.enter_context(video_files.writer(folder / VIDEO, fps=FPS))
        gif = stack.enter_context(video_files.writer(folder / GIF, fps=FPS / GIF_EVERY))
        for number, frame in enumerate(clip):
            video(frame)
            if number % GIF_EVERY == 0:
                gif(reduced(frame, side=GIF_SIDE))


def described(model: Animator) -> dict[str, bool | int]:
    """What the page has to know of a model: whether it draws noise, blows photos, and its size."""
    return {
        "draws_noise": model.draws_noise,
        "blows": model.has_fields and model.takes_wind,
        "size": model.size,
    }


def warm_up(model: Animator) -> None:
    """Compiles the model before the first visitor comes.

    Programs compiled later in this process are not written to the disk: their sizes are chosen by
    strangers. Those that are there are still read.
    """
    model(np.zeros((1, model.size, model.size, 3), np.uint8))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", NEVER)
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")


def reduced(photo: np.ndarray, *, side: int) -> np.ndarray:
    """A photo, uint8 [H, W, 3], whose long side is at most ``side`` pixels."""
    scale = side / max(photo.shape[:2])
    if scale >= 1:
        return photo
    height, width = (max(1, round(length * scale)) for length in photo.shape[:2])
    return photo_files.resize_image(photo, height, width)


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


def _check_shape(photo: np.ndarray, model: Animator, side: int) -> None:
    """Raises ValueError for a panorama that is too narrow, however large it was."""
    height, width = photo.shape[:2]
    short, long = sorted((height, width))
    if model.has_fields and short < STEP:  # others say how large photos have to be
        raise ValueError(
            f"The photo is too small: {width} x {height} pixels, expected {STEP} or more. Take a "
            "larger one."
        )
    if short < model.size and long * model.size > short * side:
        raise ValueError(
            f"The photo is too narrow: at {width} x {height} pixels, the most for a clip, its "
            f"short side is below the model's {model.size}. Cut a part out of it."
        )


def _mask(
    folder: Path, whole: np.ndarray, photo: np.ndarray, model: Animator, order: Order
) -> np.ndarray | None:
    """At the size of the photo, which is trimmed of the whole. Raises ValueError as ``maker``.

    A model that warps knows the sky, and what is painted is what moves: the page feathers it.
    """
    if order.moves == PAINTED:
        painted = photo_files.read_mask(folder / MASK, label="The mask")
        painted = painted if model.has_fields else masks.feathered(painted)
        return trimmed(masks.fitted(painted, height=whole.shape[0], width=whole.shape[1]))
    return _sky(photo) if order.moves == SKY and not model.has_fields else None


def _sky_of(photo: np.ndarray, fields: Fields) -> np.ndarray:
    try:
        return skies.sky(photo, fields.mask)
    except ValueError as error:
        raise ValueError("No sky was found in the photo. Paint what may move.") from error


def _sky(photo: np.ndarray) -> np.ndarray:
    try:
        return masks.sky(photo)
    except ValueError as error:
        raise ValueError("No sky was found in the photo. Paint what may move.") from error
