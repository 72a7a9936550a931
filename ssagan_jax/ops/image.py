"""Pixels: between ``uint8`` files and floats in [-1, 1]."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped, UInt8


def to_float(pixels: Shaped[Array, "..."]) -> Float[Array, "..."]:
    """uint8 in [0, 255] -> float32 in [-1, 1] (``x / 127.5 - 1``); floats pass unchanged."""
    if jnp.issubdtype(pixels.dtype, jnp.floating):
        return pixels
    if pixels.dtype != jnp.uint8:
        raise ValueError(f"Pixels must be uint8 or floats in [-1, 1], not {pixels.dtype}.")
    return pixels.astype(jnp.float32) / 127.5 - 1.0


def to_uint8(pixels: Float[Array, "..."]) -> UInt8[Array, "..."]:
    """Floats in [-1, 1] (clipped) -> the nearest uint8."""
    pixels = jnp.clip(pixels.astype(jnp.float32), -1.0, 1.0)
    return jnp.round((pixels + 1.0) * 127.5).astype(jnp.uint8)
