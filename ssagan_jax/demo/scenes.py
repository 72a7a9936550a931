"""What the page needs to blow a photo by itself: fields, and the photo parted into two layers.

The page does with them what ``animation/warped_full_size.py`` does here, over cells twice as wide.
Turning the wind there asks nobody: with ``m`` and ``rest`` of a scene the velocity in any wind is
``m * wind + rest``, and what goes away or comes near has a field of its own. The rest is that of
the wind the scene was made with, though a network's rest depends a little on it.
"""

import json
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image

from ssagan_jax.animation import named_winds
from ssagan_jax.animation.animator import Animator, Fields
from ssagan_jax.animation.warped_full_size import WarpedRenderer
from ssagan_jax.animation.warping import layers
from ssagan_jax.io.photo_files import Photo, resize_image

SCENE, LAYER, ALPHA, MOTION = "scene.json", "layer.png", "alpha.png", "motion.bin"
WIDER = 2  # cells of the page: so many of the renderer's, along a side
LIGHT_SIDE = 32  # cells: the change of light is coarse


def fields_of(
    photo: Photo, model: Animator, *, wind: named_winds.AnyWind = None, seed: int | None = None
) -> Fields:
    """How a photo moves in a wind, by a model that warps; arguments as ``named_winds.blown``."""
    square = resize_image(photo, model.size, model.size)
    aspect = photo.shape[0] / photo.shape[1]
    found = named_winds.blown(model, square, wind=wind, seed=seed, aspect=aspect)
    assert found, "a model that warps has fields"
    return found.fields


def renderer_of(
    photo: Photo,
    fields: Fields,
    moving: UInt8[np.ndarray, "h w"] | None,
    *,
    island: int | float = layers.ISLAND,
) -> WarpedRenderer:
    """The renderer of a photo.

    Args:
      moving: what moves, at the photo's size; None: what the model says.
      island: as in ``WarpedRenderer``.

    Raises:
      ValueError: hardly anything moves, in words for visitors.
    """
    try:
        return WarpedRenderer(
            photo,
            velocity=fields.velocity,
            mask=fields.mask,
            change=fields.change,
            moving=moving,
            island=island,
        )
    except ValueError as error:
        raise ValueError("No sky was found in the photo. Paint what may move.") from error


def painted(
    fields: Fields, moving: UInt8[np.ndarray, "h w"], *, wind: named_winds.AnyWind = None
) -> Fields:
    """The fields if what a visitor painted moves with the wind, whatever the model says.

    Args:
      moving: what was painted.
      wind: as in ``fields_of``.
    """
    wanted = resize_image(moving, *fields.mask.shape).astype(np.float32) / 255
    more = np.maximum(wanted - fields.mask, 0)
    mask = fields.mask + more
    if wind in named_winds.RADIAL:
        aspect = moving.shape[0] / moving.shape[1]
        pace = max(named_winds.LIVELY, float(np.hypot(fields.wind[0], fields.wind[1] * aspect)))
        away = named_winds.radial(mask, speed=pace, aspect=aspect)
        return fields._replace(mask=mask, velocity=named_winds.RADIAL[wind] * away)
    return fields._replace(mask=mask, velocity=fields.velocity + more[..., None] * fields.wind)


def write_scene(folder: Path, renderer: WarpedRenderer, fields: Fields) -> None:
    """Writes the four files of a scene; ``fields`` of ``fields_of``.

    ``scene.json`` says sizes and the likely wind, (right, down) in shares of the picture per frame.
    ``layer.png`` and ``alpha.png`` are the renderer's. ``motion.bin`` has float16 numbers, the
    lowest byte first: [rows, columns, 3], ``m`` and the rest (right, down) in cells per frame;
    [rows, columns, 2], what goes away by a width a frame on average, likewise; then the change of
    light in grey levels, [frames, side, side, 3].
    """
    alpha, light = renderer.alpha, _coarse(renderer.light)
    motion = _wider(_motion(renderer, fields)) / np.array([1, WIDER, WIDER], np.float32)
    aspect = alpha.shape[0] / alpha.shape[1]
    away = named_winds.radial(fields.mask, speed=1.0, aspect=aspect)
    away = _wider(renderer.spread(away, fields.mask)) / WIDER
    Image.fromarray(renderer.layer).save(folder / LAYER, compress_level=1)
    Image.fromarray(alpha).save(folder / ALPHA, compress_level=1)
    numbers = np.concatenate([motion.ravel(), away.ravel(), light.ravel()])
    (folder / MOTION).write_bytes(numbers.astype("<f2").tobytes())
    told = {
        "height": alpha.shape[0],
        "width": alpha.shape[1],
        "step": WIDER * renderer.grid.step,
        "rows": motion.shape[0],
        "columns": motion.shape[1],
        "frames": light.shape[0],
        "side": light.shape[1],
        "wind": fields.wind.tolist(),
    }
    (folder / SCENE).write_text(json.dumps(told), encoding="utf-8")


def _motion(renderer: WarpedRenderer, fields: Fields) -> np.ndarray:
    """[rows, columns, 3]: the velocity in cells is the first times the wind, plus the others."""
    scale = renderer.grid.step / renderer.alpha.shape[1]
    mask = fields.mask[..., None]
    share = renderer.spread(np.repeat(mask, 2, axis=2), fields.mask)[..., :1]  # no length
    rest = renderer.spread(fields.velocity - mask * fields.wind, fields.mask)
    return np.concatenate([share * scale, rest], axis=2)


def _wider(motion: np.ndarray) -> np.ndarray:
    rows, columns = (-(-length // WIDER) for length in motion.shape[:2])
    down, right = rows * WIDER - motion.shape[0], columns * WIDER - motion.shape[1]
    even = cv2.copyMakeBorder(motion, 0, down, 0, right, cv2.BORDER_REPLICATE)
    return cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA)


def _coarse(light: np.ndarray) -> np.ndarray:
    if light.shape[1] <= LIGHT_SIDE:
        return light
    size = (LIGHT_SIDE, LIGHT_SIDE)
    return np.stack([cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in light])
