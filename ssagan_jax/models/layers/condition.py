"""A mask of what may move in a generator: a fourth channel of its input."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from ssagan_jax.types import Mask

CONDITIONS = ("none", "mask")


def append_mask(photo: Float[Array, "b t h w c"], mask: Mask | None) -> Float[Array, "b t h w d"]:
    """The photo, or its repeats, with the mask as one more channel in [-1, 1], as colours are.

    None: all of it may move.
    """
    shape = (*photo.shape[:-1], 1)
    if mask is None:
        channel = jnp.ones(shape, photo.dtype)
    else:
        channel = jnp.broadcast_to(2 * mask[:, None, ..., None] - 1, shape).astype(photo.dtype)
    return jnp.concatenate([photo, channel], axis=-1)
