"""Rendering at the photo's full size: a change is added to it, a strip of rows at a time."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, UInt8

from ssagan_jax.io.photo_files import Photo
from ssagan_jax.ops import guided

STILL = 1.0  # grey levels: changes up to this leave the photo's own pixels
ROWS = 64  # of a strip: small enough for the caches, and no float ever has the photo's size


class FullSizeRenderer:
    """Frames of one photo at its own size, from changes at the model's size.

    Args:
      photo: uint8 RGB [H, W, 3].
      square: the same, squeezed to the model's size.
      mask: uint8 [H, W], 255 where it may move, 0 where it may not; None: everywhere.
    """

    def __init__(
        self,
        photo: Photo,
        square: UInt8[np.ndarray, "s s 3"],
        *,
        mask: UInt8[np.ndarray, "h w"] | None = None,
    ):
        self._size = photo.shape[:2]
        self._photo = jax.device_put(photo)
        self._mask = None if mask is None else jax.device_put(mask)
        self._guide = guided.luminance(jax.device_put(square))

    def render(self, change: Float[np.ndarray, "s s 3"]) -> Photo:
        """The photo with a change, in grey levels at the model's size, up-sampled along its edges.

        The up-sampled change is multiplied by the mask, then soft-thresholded by ``STILL`` grey
        levels: pixels that change by no more stay the photo's own.
        """
        height = self._size[0]
        rows = min(ROWS, height)
        # The last strip ends at the last row and renders some rows again: one shape for all.
        starts = [min(start, height - rows) for start in range(0, height, rows)]
        fitted = _fit_planes(self._guide, jax.device_put(change))
        rendered = np.empty((*self._size, 3), np.uint8)
        for start in starts:
            where = jax.device_put(np.int32(start))
            strip = _render_strip(self._photo, self._mask, fitted, where, rows=rows)
            rendered[start : start + rows] = jax.device_get(strip)
        return rendered


@jax.jit
def _fit_planes(guide: jax.Array, change: jax.Array) -> jax.Array:
    return jnp.moveaxis(jnp.concatenate(guided.fit(guide, change), axis=-1), -1, 0)


@functools.partial(jax.jit, static_argnames="rows")
def _render_strip(
    photo: jax.Array, mask: jax.Array | None, fitted: jax.Array, start: jax.Array, *, rows: int
) -> jax.Array:
    strip = jax.lax.dynamic_slice_in_dim(photo, start, rows)
    planes = guided.enlarge(fitted, size=(photo.shape[0], photo.shape[1]), first=start, rows=rows)
    guide = guided.luminance(strip)
    change = [planes[i] * guide + planes[3 + i] for i in range(3)]
    if mask is not None:
        share = jax.lax.dynamic_slice_in_dim(mask, start, rows).astype(jnp.float32) / 255
        change = [share * channel for channel in change]
    kept = guided.soft_threshold(tuple(change), threshold=STILL)
    channels = [strip[..., i].astype(jnp.float32) + kept[i] for i in range(3)]
    return jnp.stack([jnp.clip(jnp.round(c), 0, 255).astype(jnp.uint8) for c in channels], axis=-1)
