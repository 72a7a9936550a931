"""``animate``: one photo and an ``Animator`` to the frames of a clip, one at a time."""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ssagan_jax.animation import films, masks, motion, named_winds
from ssagan_jax.animation.animator import Animator, load_animator
from ssagan_jax.animation.films import SKY
from ssagan_jax.animation.options import Options
from ssagan_jax.io import video_files
from ssagan_jax.io.photo_files import Photo, read_photo, resize_image

MAX_SIDE = 1280  # pixels: the long side of a clip of the size "model"
BESIDE = 2048  # pixels: the widest photo that is shown beside its clip


@dataclass(frozen=True)
class Animation:
    """The frames of a clip, uint8 [height, width, 3], computed as they are taken.

    Attributes:
      frames: how many.
      height: in pixels, even; width: likewise.
      mask: uint8, of the photo's size in a frame: 255 where all may move, 0 where nothing does.
      wind: what carries the photo, in words; None: the model takes no wind.
    """

    frames: int
    height: int
    width: int
    mask: masks.Mask = field(repr=False)
    wind: str | None
    _make: Callable[[], Iterator[Photo]] = field(repr=False)

    def __iter__(self) -> Iterator[Photo]:
        return self._make()

    def __len__(self) -> int:
        return self.frames

    def save(self, path: str | os.PathLike, *, fps: int | float = video_files.FPS) -> None:
        """Computes the frames and writes an mp4 or a GIF, as ``io.video_files.write_video``."""
        video_files.write_video(path, self, fps=fps)


def animate(
    photo: np.ndarray | str | os.PathLike,
    animator: Animator | str | os.PathLike | None = None,
    *,
    size: str | int = "native",
    frames: int | None = None,
    speed: int | float = 1.0,
    loop: bool = False,
    seed: int | None = None,
    side_by_side: bool = False,
    wind: named_winds.AnyWind = None,
    mask: np.ndarray | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Animation:
    """The clip of a photo: its frames, uint8 [H', W', 3], computed as they are taken.

    A model that warps moves the photo's own pixels, any other one changes their brightness. Of a
    photo with an odd height or width the last row or column is left out: mp4 needs even ones.

    Args:
      photo: a file (``io.photo_files.read_photo``), or uint8 RGB [H, W, 3]; at least as large as
        the model's photos (with the size ``model`` of any size).
      animator: of ``load_animator``, or what that takes; None: the small model that comes with the
        package.
      size: ``native``: the photo's own pixels, moved or changed as the network says.
        A number: the same with the photo reduced to so many pixels on the long side, if it has
        more. ``model``: the network's own small clip, stretched (to 1280 pixels at most).
      frames: of the clip; None: as many as one window of the model fills at this speed.
      speed: of the motion: a factor. Between the model's frames it is interpolated.
      loop: the last frame leads into the first.
      seed: of the noise, for models that draw any; for one that takes wind, draws the wind.
      side_by_side: the photo to the left of the clip; it is reduced to ``BESIDE`` pixels of width.
      wind: where it blows, for models that take it: ``right``, ``left``, ``up``, ``down``,
        ``away`` (to the horizon) or ``near``; degrees, from 0 (right) by 90 (up); or (right, down),
        shares of the picture per frame. None: what the model finds likely for the photo.
      mask: uint8 [H, W], 255 where it may move; or of another size and the same aspect. Outside,
        the photo's own pixels stay; so they do outside of the mask of a model that warps.
        ``"sky"``: the photo's sky, by the photo and, if the model warps, by its mask. A model that
        takes a mask is given it, too.
      progress: called after each frame with how many are made and how many there will be.

    Raises:
      FileNotFoundError: there is no such photo or model.
      ValueError: the photo is none or too small; the mask has another aspect; it or the model
        leaves nothing to move, or no sky is found; the model takes no wind; an option is out of
        range.
    """
    options = Options(size, frames, speed, loop, seed, side_by_side, wind)
    photo = read_photo(photo) if isinstance(photo, str | os.PathLike) else _checked(photo)
    model = animator if isinstance(animator, Animator) else load_animator(animator)
    _check_size(photo, None if size == "model" else model.size)
    painted = _check_mask(photo, mask)
    square = resize_image(photo, model.size, model.size)
    photo, painted = _at_output_size(photo, painted, options)
    count = frames or motion.default_frames(model, speed=speed)
    may_move = SKY if isinstance(mask, str) else painted
    found = films.film(photo, square, may_move, model, frames=count, options=options)

    def make_frames() -> Iterator[Photo]:
        for done, frame in enumerate(found.frames(), 1):
            if progress:
                progress(done, count)
            yield np.concatenate([photo, frame], axis=1) if side_by_side else frame

    height, width = photo.shape[:2]
    return Animation(count, height, width * (1 + side_by_side), found.mask, found.wind, make_frames)


def output_size(height: int, width: int, *, max_side: int = MAX_SIDE) -> tuple[int, int]:
    """Height and width of the clip of a photo: even, at least 2, in ``max_side``."""
    if max_side < 2:
        raise ValueError(f"max_side is in pixels, at least 2, got {max_side}.")
    longest = max(height, width)
    target = min(longest, max_side)
    return max(2, height * target // longest // 2 * 2), max(2, width * target // longest // 2 * 2)


def _check_mask(photo: Photo, mask: np.ndarray | str | None) -> masks.Mask | None:
    """A painted mask at the photo's size; None: there is none, or it is ``SKY``."""
    if isinstance(mask, str) and mask != SKY:
        raise ValueError(f'A mask is uint8 [H, W], or "{SKY}", got "{mask}".')
    if mask is None or isinstance(mask, str):
        return None
    fitted = masks.fitted(mask, height=photo.shape[0], width=photo.shape[1])
    if not fitted.any():
        raise ValueError("The mask leaves nothing to move. Paint white what may.")
    return fitted


def _checked(photo: Any) -> Photo:
    if not isinstance(photo, np.ndarray):
        raise ValueError(
            f"A photo is a file's path or uint8 [H, W, 3], got {type(photo).__name__}. A picture "
            'of Pillow: numpy.asarray(picture.convert("RGB")).'
        )
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or 0 in photo.shape:
        raise ValueError(
            f"A photo is uint8 [H, W, 3] and not empty, got {photo.dtype} {list(photo.shape)}."
        )
    return photo


def _check_size(photo: Photo, least: int | None) -> None:
    height, width = photo.shape[:2]
    if least and min(height, width) < least:
        raise ValueError(
            f"The photo of {width} x {height} pixels is smaller than the model's "
            f"{least} x {least}. Take a larger one, or a smaller model."
        )


def _at_output_size(
    photo: np.ndarray, mask: np.ndarray | None, options: Options
) -> tuple[np.ndarray, np.ndarray | None]:
    """Photo and mask at the clip's size."""
    height, width = photo.shape[:2]
    limit = max(height, width)
    if options.size == "model":
        height, width = output_size(height, width)
    elif options.size != "native":
        limit = min(limit, options.size)
    if options.side_by_side and width > BESIDE:
        limit = min(limit, math.floor(max(height, width) * BESIDE / width))
    height, width = output_size(height, width, max_side=limit)
    own = options.size != "model" and limit >= max(photo.shape[:2])
    if own:
        photo = photo[:height, :width]
        mask = None if mask is None else mask[:height, :width]
    else:
        photo = resize_image(photo, height, width)
        mask = None if mask is None else resize_image(mask, height, width)
    return np.ascontiguousarray(photo), None if mask is None else np.ascontiguousarray(mask)
