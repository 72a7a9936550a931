"""``animate``: one photo and an ``Animator`` to the frames of a clip, one at a time."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ssagan_jax.animation import masks, motion
from ssagan_jax.animation.animator import Animator, load_animator
from ssagan_jax.animation.full_size import FullSizeRenderer
from ssagan_jax.io.photo_files import Photo, resize_image

SIZES = ("native", "model")
SKY = "sky"  # as a mask: the photo's own
MAX_SIDE = 1280  # pixels: the long side of a clip of the size "model"
BESIDE = 2048  # pixels: the widest photo that is shown beside its clip
_SPEEDS = (0.05, 20.0)


@dataclass(frozen=True)
class Options:
    """How a photo moves: the keyword options of ``animate``, which says what they mean.

    Raises:
      ValueError: for a value that is out of range.
    """

    size: str | int = "native"
    frames: int | None = None
    speed: int | float = 1.0
    loop: bool = False
    seed: int = 0
    side_by_side: bool = False

    def __post_init__(self) -> None:
        if self.size not in SIZES and not (isinstance(self.size, int) and self.size >= 2):
            raise ValueError(
                f"size is {' or '.join(SIZES)}, or a number of pixels from 2, got {self.size!r}."
            )
        if self.frames is not None and self.frames < 1:
            raise ValueError(f"frames is how many to make, at least 1, got {self.frames}.")
        if not _SPEEDS[0] <= self.speed <= _SPEEDS[1]:
            raise ValueError(f"speed is from {_SPEEDS[0]} to {_SPEEDS[1]}, got {self.speed}.")


@dataclass(frozen=True)
class Animation:
    """The frames of a clip, uint8 [height, width, 3], computed as they are taken.

    Attributes:
      frames: how many.
      height: in pixels, even; width: likewise.
    """

    frames: int
    height: int
    width: int
    _make: Callable[[], Iterator[Photo]] = field(repr=False)

    def __iter__(self) -> Iterator[Photo]:
        return self._make()

    def __len__(self) -> int:
        return self.frames


def animate(
    photo: np.ndarray,
    animator: Animator | None = None,
    *,
    size: str | int = "native",
    frames: int | None = None,
    speed: int | float = 1.0,
    loop: bool = False,
    seed: int = 0,
    side_by_side: bool = False,
    mask: np.ndarray | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Animation:
    """The clip of a photo: its frames, uint8 [H', W', 3], computed as they are taken.

    Of a photo with an odd height or width the last row or column is left out: mp4 needs even ones.

    Args:
      photo: uint8 RGB [H, W, 3], at least as large as the model's photos (with the size ``model``
        of any size).
      animator: of ``load_animator``; None: the small model that comes with the package.
      size: ``native``: the photo's own pixels, changed where the network changes them.
        A number: the same with the photo reduced to so many pixels on the long side, if it has
        more. ``model``: the network's own small clip, stretched (to 1280 pixels at most).
      frames: of the clip; None: as many as one window of the model fills at this speed.
      speed: of the motion. Frames between the model's are their weighted mean.
      loop: the last frame leads into the first.
      seed: of the noise, for models that draw any.
      side_by_side: the photo to the left of the clip; it is reduced to ``BESIDE`` pixels of width.
      mask: uint8 [H, W], 255 where it may move; or of another size and the same aspect. Outside,
        the photo's own pixels stay. ``"sky"``: the photo's sky.
      progress: called after each frame with how many are made and how many there will be.

    Raises:
      ValueError: the photo is none or too small; the mask has another aspect, or no sky is found;
        an option is out of range.
    """
    options = Options(size, frames, speed, loop, seed, side_by_side)
    model = animator or load_animator()
    _check_photo(photo, None if size == "model" else model.size)
    if isinstance(mask, str):
        mask = _find_mask(photo, mask)
    if mask is not None:
        mask = masks.fitted(mask, height=photo.shape[0], width=photo.shape[1])
    square = resize_image(photo, model.size, model.size)
    photo, mask = _at_output_size(photo, mask, options)
    count = frames or motion.default_frames(model, speed=speed)

    def make_frames() -> Iterator[Photo]:
        render = _renderer(photo, square, mask, model, options)
        changes = motion.changes(model, square, frames=count, speed=speed, loop=loop, seed=seed)
        for done, change in enumerate(changes, 1):
            frame = render(change)
            if progress:
                progress(done, count)
            yield np.concatenate([photo, frame], axis=1) if side_by_side else frame

    height, width = photo.shape[:2]
    return Animation(count, height, width * (1 + side_by_side), make_frames)


def output_size(height: int, width: int, *, max_side: int = MAX_SIDE) -> tuple[int, int]:
    """Height and width of the clip of a photo: even, at least 2, in ``max_side``."""
    if max_side < 2:
        raise ValueError(f"max_side is in pixels, at least 2, got {max_side}.")
    longest = max(height, width)
    target = min(longest, max_side)
    return max(2, height * target // longest // 2 * 2), max(2, width * target // longest // 2 * 2)


def _find_mask(photo: Photo, name: str) -> masks.Mask:
    if name != SKY:
        raise ValueError(f'A mask is uint8 [H, W], or "{SKY}", got "{name}".')
    return masks.sky(photo)


def _check_photo(photo: np.ndarray, least: int | None) -> None:
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or 0 in photo.shape:
        raise ValueError(
            f"A photo is uint8 [H, W, 3] and not empty, got {photo.dtype} {list(photo.shape)}."
        )
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


def _renderer(
    photo: Photo, square: motion.Square, mask: masks.Mask | None, model: Animator, options: Options
) -> Callable[[np.ndarray], Photo]:
    if options.size != "model":
        return FullSizeRenderer(photo, square, mask=mask).render
    first = motion.first_frame(model, square, seed=options.seed)
    return lambda change: _stretched(first + change, photo, mask)


def _stretched(frame: np.ndarray, photo: Photo, mask: masks.Mask | None) -> Photo:
    """The network's own frame at the photo's size, over the photo where a mask allows it."""
    frame = np.clip(np.round(frame), 0, 255).astype(np.uint8)
    clip = resize_image(frame, *photo.shape[:2])
    if mask is None:
        return clip
    share = mask[..., None].astype(np.float32) / 255
    return np.round(share * clip + (1 - share) * photo).astype(np.uint8)
