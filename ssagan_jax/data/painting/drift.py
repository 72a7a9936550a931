"""What moves: textures that are carried along on a surface, and their true motion in the picture.

A *surface* is two fields, u and v: which place of a texture, in tiles, a pixel shows at the start.
After ``t`` frames a pixel shows the place ``t`` times the surface's speed further back, so
that detail is carried along, never faded over.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.data.painting.canvas import places

FINEST = 512  # the largest side of a texture
_COARSER = 4  # how many times smaller the texture for what is far away is

Field = Float[np.ndarray, "h w"]


@dataclass(frozen=True)
class Surface:
    """Places of a texture, in tiles, and how fast they move, in tiles a frame."""

    u: Field
    v: Field
    speed: tuple[float, float] = (0.0, 0.0)
    sway: Field | float = 1.0  # times the speed, in each pixel: what is carried deforms


def flat(
    size: int, *, tiles: float, turn: float = 0.0, offset: tuple[float, float] = (0, 0)
) -> Surface:
    """A surface that faces the viewer.

    Args:
      size: of the picture.
      tiles: of the texture across the picture.
      turn: of the texture, in radians.
      offset: of the texture, in tiles.
    """
    x, y = places(size)
    cos, sin = np.float32(tiles * np.cos(turn)), np.float32(tiles * np.sin(turn))
    return Surface(
        (x - 0.5) * cos + (y - 0.5) * sin + np.float32(offset[0]),
        (y - 0.5) * cos - (x - 0.5) * sin + np.float32(offset[1]),
    )


def plane(
    size: int,
    level: Float[np.ndarray, "#h w"],
    *,
    tiles: float,
    height: float,
    offset: tuple[float, float] = (0, 0),
) -> Surface:
    """A plane above the viewer, or beneath: v is the distance, the horizon is at ``level``.

    Args:
      size: of the picture.
      level: height of the horizon in the picture, from its top.
      tiles: of the texture across the picture, where the plane is a picture away from the horizon.
      height: what is added to the distance from the horizon, so that detail does not get too fine.
      offset: of the texture, in tiles.
    """
    x, y = places(size)
    distance = np.float32(1 + height) / (np.abs(level - y) + np.float32(height))
    u = (x - 0.5) * distance * np.float32(tiles) + np.float32(offset[0])
    v = distance * np.float32(tiles) + np.float32(offset[1])
    return Surface(u.astype(np.float32), v.astype(np.float32))


def motion(surface: Surface) -> Float[np.ndarray, "h w 2"]:
    """What the surface carries moves by this from frame to frame: (right, down), in pictures."""
    size = surface.u.shape[0]
    if size < 2:
        return np.zeros((size, size, 2), np.float32)
    u_down, u_right = np.gradient(surface.u, 1 / size)
    v_down, v_right = np.gradient(surface.v, 1 / size)
    area = u_right * v_down - u_down * v_right
    area = np.where(np.abs(area) < 1e-6, 1e-6, area)
    u, v = surface.speed
    right = (v_down * u - u_down * v) / area
    down = (u_right * v - v_right * u) / area
    return (np.stack([right, down], -1) * np.asarray(surface.sway)[..., None]).astype(np.float32)


def carried(
    texture: Float[np.ndarray, "n n *c"], surface: Surface, times: Float[np.ndarray, "t"]
) -> Float[np.ndarray, "t h w *c"]:
    """The texture on its surface at each moment; what is far away is taken from a coarser copy.

    Args:
      texture: tiles; any number of channels.
      surface: where it is, and how fast.
      times: in frames.
    """
    size = surface.u.shape[0]
    finest, far = _levels(surface, min(FINEST, texture.shape[0]))
    near = _sampled(_at(texture, finest), surface, times)
    if not far.any():
        return near
    coarse = _sampled(_at(texture, max(4, finest // _COARSER)), surface, times)
    return near + (coarse - near) * far.reshape(size, size, *(1,) * (texture.ndim - 2))


def _levels(surface: Surface, largest: int) -> tuple[int, Field]:
    """The side of a texture that suits the nearest parts, and the share of the coarser one."""
    size = surface.u.shape[0]
    if size < 2:
        return 8, np.zeros((size, size), np.float32)
    steps = [np.hypot(*np.gradient(field)) for field in (surface.u, surface.v)]
    tiles = np.maximum(*steps)  # a pixel
    finest = int(np.clip(1 / np.quantile(tiles, 0.2), 8, largest))
    far = np.log2(np.maximum(tiles * finest, 1)) / np.log2(_COARSER) - 0.2
    return finest, np.clip(far, 0, 1).astype(np.float32)


def _at(texture: np.ndarray, side: int) -> np.ndarray:
    return cv2.resize(texture, (side, side), interpolation=cv2.INTER_AREA)


def _sampled(texture: np.ndarray, surface: Surface, times: np.ndarray) -> np.ndarray:
    side, size = texture.shape[0], surface.u.shape[0]
    result = np.empty((len(times), size, size, *texture.shape[2:]), np.float32)
    u, v = surface.u * np.float32(side) - 0.5, surface.v * np.float32(side) - 0.5
    right = np.float32(side * surface.speed[0]) * surface.sway
    down = np.float32(side * surface.speed[1]) * surface.sway
    for frame, time in zip(result, times, strict=True):
        map_x, map_y = (u - right * time).astype(np.float32), (v - down * time).astype(np.float32)
        cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, frame, cv2.BORDER_WRAP)
    return result
