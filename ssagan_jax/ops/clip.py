"""Clips as arrays."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def still(frame: Float[Array, "b h w c"], *, frames: int) -> Float[Array, "b t h w c"]:
    """The frame repeated ``frames`` times: the generator's input, and the still picture."""
    return jnp.repeat(frame[:, None], frames, axis=1)


def check_photo(frame: Float[Array, "b *t h w c"], *, size: int) -> None:
    """Raises ValueError unless the photos (or clips) are ``size`` x ``size`` pixels."""
    height, width = frame.shape[-3:-1]
    if (height, width) != (size, size):
        raise ValueError(
            f"The generator animates photos of {size} x {size} pixels, not {height} x {width}. "
            "Resize the photo or change `size`."
        )


def check_clip(clip: Float[Array, "b t h w c"], *, frames: int, size: int) -> None:
    """Raises ValueError unless the clips have ``frames`` frames of ``size`` x ``size`` pixels."""
    expected = (frames, size, size)
    if clip.shape[1:4] != expected:
        raise ValueError(f"The discriminator judges clips of {expected}, not {clip.shape[1:4]}.")
