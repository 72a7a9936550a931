"""From what a generator's last layer says to a clip made of the photo's own pixels.

A field of velocities that stays the same through the clip (an Eulerian one, as Holynski et al.
2021 have it for water) carries the photo along: ``velocity = mask * (wind + rest)``. The mask says
what moves, so where it is 0 nothing does; the rest is how the motion there departs from the wind.
Light that changes, and what comes in at the edges, is a change of brightness, too coarse to repaint
detail.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ssagan_jax.ops import warp
from ssagan_jax.types import Clip, Frame, Generated, Wind

CHANNELS = 6  # of the last layer: mask, rest (2), change (3)
SHARPNESS = 4.0  # of the mask: what the layer's output is multiplied by
REST = 1 / 256  # of the picture's side per frame: the rest where the layer says 1
RIM = 1 / 16  # of the side: along the borders mask and rest are those further inside
CELLS = 8  # along a side: the detail of the change
LONGEST_TRAVEL = 0.5  # of the picture's side in a clip: beyond, little but border would be seen


def warp_photo(
    photo: Frame | Clip,
    layer: Float[Array, "b t h w 6"],
    wind: Wind | None,
    *,
    kernel: str = "cubic",
) -> Generated:
    """The clip, and in ``extras`` what others need to warp a photo of any size.

    Args:
      photo: in [-1, 1]; or a clip, each frame of which is sampled at that frame's positions.
      layer: of ``CHANNELS``; what belongs to the whole clip is averaged over its frames.
      wind: shortened where it would carry things further than ``LONGEST_TRAVEL``; None: there is
        none beside the rest.
      kernel: that samples the photo (``ops.warp.sample``).

    Returns:
      The clip; extras ``velocity`` [b h w 2] (the content's motion: right, down, shares of the
      width and height per frame), ``mask`` [b h w 1] in [0, 1], ``change`` [b t h w 3] (0 in the
      first frame; add it to the warped photo) and, with a wind, ``wind`` [b 2] as it was used.
    """
    layer = layer.astype(jnp.float32)
    _, frames, height, width, _ = layer.shape
    fixed = _from_inside(layer[..., :3].mean(axis=1))
    mask, rest = jax.nn.sigmoid(SHARPNESS * fixed[..., :1]), REST * fixed[..., 1:]
    wind = None if wind is None else shorten(wind.astype(jnp.float32), frames=frames)
    velocity = mask * (rest if wind is None else wind[:, None, None] + rest)
    positions = warp.trace(velocity * jnp.array([width, height], jnp.float32), frames=frames)
    change = _change(layer[..., 3:])
    clip = _sample(photo.astype(jnp.float32), _fix_outside(positions), kernel) + change
    extras = {"velocity": velocity, "mask": mask, "change": change}
    if wind is not None:
        extras["wind"] = wind
    return Generated(clip=jnp.clip(clip, -1.0, 1.0), extras=extras)


def shorten(wind: Wind, *, frames: int) -> Wind:
    """The wind in its direction, no faster than ``LONGEST_TRAVEL`` in a clip of ``frames``."""
    # The root of a sum that is never 0 has a gradient everywhere.
    travel = (frames - 1) * jnp.sqrt(jnp.sum(jnp.square(wind), -1, keepdims=True) + 1e-12)
    return wind * jnp.minimum(1.0, LONGEST_TRAVEL / travel)


def _from_inside(field: Float[Array, "b h w c"]) -> Float[Array, "b h w c"]:
    """The field with its rim replaced by the values next to it.

    There the convolutions see their padding, and a mask that is 0 along a border smears the
    outermost pixels over what comes in.
    """
    for axis in (1, 2):
        length = field.shape[axis]
        rim = round(RIM * length)
        field = jnp.take(field, np.clip(np.arange(length), rim, length - 1 - rim), axis=axis)
    return field


def _fix_outside(positions: Float[Array, "b t h w 2"]) -> Float[Array, "b t h w 2"]:
    """The same positions; those outside of the photo carry no gradient.

    What comes in there is unknown, and mirrored content a guess. With a gradient the mask learns to
    be 0 along the borders, which keeps the guess out and smears the outermost pixels instead.
    """
    _, _, height, width, _ = positions.shape
    last = jnp.array([width, height], jnp.float32) - 0.5
    outside = jnp.any((positions < -0.5) | (positions > last), axis=-1, keepdims=True)
    return jnp.where(outside, jax.lax.stop_gradient(positions), positions)


def _change(layer: Float[Array, "b t h w 3"]) -> Float[Array, "b t h w 3"]:
    """The change of brightness in each frame, smooth, relative to the first frame."""
    _, _, height, width, _ = layer.shape
    levels = jnp.tanh(warp.average_cells(layer, cell=height // CELLS))
    return warp.enlarge_field(levels - levels[:, :1], height=height, width=width)


def _sample(photo: Frame | Clip, positions: Float[Array, "b t h w 2"], kernel: str) -> Clip:
    if photo.ndim == 4:
        return warp.sample(photo, positions, kernel=kernel)
    frames, places = (x.reshape(-1, *x.shape[2:]) for x in (photo, positions))
    return warp.sample(frames, places, kernel=kernel).reshape(photo.shape)
