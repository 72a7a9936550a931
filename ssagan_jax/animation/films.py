"""The frames of a photo, by what the model says: moved, changed, or the network's own clip."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ssagan_jax.animation import masks, motion, named_winds, skies
from ssagan_jax.animation.animator import Animator
from ssagan_jax.animation.full_size import FullSizeRenderer
from ssagan_jax.animation.options import Options
from ssagan_jax.animation.warped_full_size import WarpedRenderer
from ssagan_jax.io.photo_files import BILINEAR, Photo, resize_image

SKY = "sky"  # as a mask: the photo's own


@dataclass(frozen=True)
class Film:
    """A clip to be computed.

    Attributes:
      frames: makes its frames, at the photo's size.
      mask: uint8 [H, W], 255 where all may move, 0 where the photo's own pixels stay.
      wind: what carries the photo, in words; None: the model takes no wind.
    """

    frames: Callable[[], Iterator[Photo]] = field(repr=False)
    mask: masks.Mask = field(repr=False)
    wind: str | None


def film(
    photo: Photo,
    square: motion.Square,
    mask: masks.Mask | str | None,
    model: Animator,
    *,
    frames: int,
    options: Options,
) -> Film:
    """The film of a photo: with a model's fields its pixels move, else they change.

    Args:
      photo: at the size of the clip.
      square: the same, squeezed to the model's size.
      mask: at the photo's size; ``SKY``: the photo's sky; None: everywhere. A model that takes a
        mask is given it, too.
      frames: how many.

    Raises:
      ValueError: the model takes no wind; it or the mask leaves nothing to move; no sky is found.
    """
    if model.takes_mask and mask is not None:
        mask = masks.sky(photo) if isinstance(mask, str) else mask
        model = told(model, mask)
    times: dict[str, Any] = {"speed": options.speed, "loop": options.loop}
    blown = named_winds.blown(
        model,
        square,
        wind=options.wind,
        seed=options.seed,
        aspect=photo.shape[0] / photo.shape[1],
    )
    sky = isinstance(mask, str)
    if isinstance(mask, str):
        mask = skies.sky(photo, blown.fields.mask) if blown else masks.sky(photo)
    if blown and options.size != "model":
        found = blown.fields
        renderer = WarpedRenderer(
            photo,
            velocity=found.velocity,
            mask=found.mask,
            change=found.change,
            allowed=None if sky else mask,
            moving=mask if sky else None,
        )
        make = functools.partial(renderer.frames, frames, **times)
        return Film(make, renderer.alpha, blown.words)
    own: dict[str, Any] = {"seed": options.seed, "wind": blown.vector() if blown else None}
    changes = functools.partial(motion.changes, model, square, frames=frames, **times, **own)
    if options.size == "model":
        first = functools.partial(motion.first_frame, model, square, **own)
        make = functools.partial(_stretched, photo, mask, first, changes)
    else:
        make = functools.partial(_changed, photo, square, mask, changes)
    everywhere = np.full(photo.shape[:2], 255, np.uint8)
    return Film(make, everywhere if mask is None else mask, blown.words if blown else None)


def told(model: Animator, mask: masks.Mask) -> Animator:
    """A model that takes a mask, told what may move in one photo: uint8 [H, W], as it has it."""
    small = resize_image(mask, model.size, model.size, method=BILINEAR)
    return model.with_mask(small[None].astype(np.float32) / 255)


def _changed(
    photo: Photo,
    square: motion.Square,
    mask: masks.Mask | None,
    changes: Callable[[], Iterator[motion.Change]],
) -> Iterator[Photo]:
    return map(FullSizeRenderer(photo, square, mask=mask).render, changes())


def _stretched(
    photo: Photo,
    mask: masks.Mask | None,
    first: Callable[[], motion.Change],
    changes: Callable[[], Iterator[motion.Change]],
) -> Iterator[Photo]:
    """The network's own frames at the photo's size, over the photo where a mask allows it."""
    own = first()
    for change in changes():
        frame = np.clip(np.round(own + change), 0, 255).astype(np.uint8)
        clip = resize_image(frame, *photo.shape[:2])
        if mask is not None:
            share = mask[..., None].astype(np.float32) / 255
            clip = np.round(share * clip + (1 - share) * photo).astype(np.uint8)
        yield clip
