"""One photo and a model to the frames of a clip, one at a time: for the command and for servers.

model = generate.animator("runs/quickstart")
for frame in animate(photo, model, Options(loop=True)):
    ...
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from ssagan_jax.animation import masks, motion
from ssagan_jax.animation.animator import Animator, output_size
from ssagan_jax.animation.full_size import Canvas
from ssagan_jax.io.photo_files import Photo

SIZES = ("native", "model")
BESIDE = 2048  # pixels: the widest photo that is shown beside its clip
_SPEEDS = (0.05, 20.0)


@dataclass(frozen=True)
class Options:
    """How a photo moves.

    Attributes:
      size: ``native``: the photo's own pixels, changed where the network changes them.
        A number: the same with the photo reduced to so many pixels on the long side, if it has
        more. ``model``: the network's own small clip, stretched (to 1280 pixels at most).
      frames: of the clip; None: as many as one window of the model fills at this speed.
      speed: of the motion. Frames between the model's are their weighted mean.
      loop: the last frame leads into the first.
      seed: of the noise, for models that draw any.
      side_by_side: the photo to the left of the clip; it is reduced to ``BESIDE`` pixels of width.

    Raises:
      ValueError: for a value that none of this allows.
    """

    size: str | int = "native"
    frames: int | None = None
    speed: int | float = 1.0
    loop: bool = False
    seed: int = 0
    side_by_side: bool = False

    def __post_init__(self):
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
    model: Animator,
    options: Options | None = None,
    *,
    mask: np.ndarray | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Animation:
    """The clip of a photo. Nothing is computed before its first frame is taken.

    Of a photo with an odd height or width the last row or column is left out: mp4 needs even ones.

    Args:
      photo: uint8 RGB [H, W, 3], at least as large as the model's photos.
      model: of ``generate.animator``.
      options: how it moves.
      mask: uint8 [H, W], 255 where it may move; or of another size and the same aspect. Outside,
        the photo's own pixels stay.
      progress: called after each frame with how many are made and how many there will be.

    Raises:
      ValueError: the photo is none or too small; the mask has another aspect.
    """
    options = options or Options()
    _check_photo(photo, model)
    if mask is not None:
        mask = masks.fitted(mask, height=photo.shape[0], width=photo.shape[1])
    square = resized(photo, model.size, model.size)
    photo, mask = _prepared(photo, mask, options)
    count = options.frames or motion.default_frames(model, speed=options.speed)

    def make() -> Iterator[Photo]:
        paint = _painter(photo, square, mask, model, options)
        changes = motion.changes(
            model,
            square,
            frames=count,
            speed=options.speed,
            loop=options.loop,
            seed=options.seed,
        )
        for done, change in enumerate(changes, 1):
            frame = paint(change)
            if progress:
                progress(done, count)
            yield np.concatenate([photo, frame], axis=1) if options.side_by_side else frame

    height, width = photo.shape[:2]
    return Animation(count, height, width * (1 + options.side_by_side), make)


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture, uint8 [H, W, 3] or [H, W], at another size."""
    # Lanczos: antialiased going down, sharper than bicubic going up.
    scaled = Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(scaled)


def _check_photo(photo: np.ndarray, model: Animator) -> None:
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
        raise ValueError(f"A photo is uint8 [H, W, 3], got {photo.dtype} {list(photo.shape)}.")
    height, width = photo.shape[:2]
    if min(height, width) < model.size:
        raise ValueError(
            f"The photo of {width} x {height} pixels is smaller than the model's "
            f"{model.size} x {model.size}. Take a larger one, or a smaller model."
        )


def _prepared(photo, mask, options):
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
        photo = resized(photo, height, width)
        mask = None if mask is None else resized(mask, height, width)
    return np.ascontiguousarray(photo), None if mask is None else np.ascontiguousarray(mask)


def _painter(photo, square, mask, model, options) -> Callable[[np.ndarray], Photo]:
    if options.size != "model":
        return Canvas(photo, square, mask=mask).paint
    first = motion.first_frame(model, square, seed=options.seed)
    return lambda change: _stretched(first + change, photo, mask)


def _stretched(frame, photo, mask):
    """The network's own frame at the photo's size, over the photo where a mask allows it."""
    frame = np.clip(np.round(frame), 0, 255).astype(np.uint8)
    clip = resized(frame, *photo.shape[:2])
    if mask is None:
        return clip
    share = mask[..., None].astype(np.float32) / 255
    return np.round(share * clip + (1 - share) * photo).astype(np.uint8)
