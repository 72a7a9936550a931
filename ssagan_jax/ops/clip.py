"""Clips as arrays."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def still(frame: Float[Array, "b h w c"], *, frames: int) -> Float[Array, "b t h w c"]:
    """The frame repeated ``frames`` times: the generator's input, and the still picture."""
    return jnp.repeat(frame[:, None], frames, axis=1)
