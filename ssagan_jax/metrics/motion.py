"""How much a clip moves. Pixel metrics reward frozen clips; these expose them."""

import jax.numpy as jnp
from jaxtyping import Array, Float

# A clip whose pixels change by less than this from frame to frame, on average, is
# called static. In grey levels (of 255); camera noise alone is about 1.
STATIC_THRESHOLD = 0.5


def energy(clip: Float[Array, "*b t h w 3"]) -> Float[Array, "*b"]:
    """Mean squared difference between neighbouring frames, in (-1 to 1 units) squared.

    Args:
      clip: floats in [-1, 1], at least two frames.
    """
    return jnp.mean(jnp.square(jnp.diff(clip, axis=-4)), axis=(-4, -3, -2, -1))


def is_static(clip: Float[Array, "*b t h w 3"]) -> Float[Array, "*b"]:
    """1 if the mean absolute frame-to-frame difference is below the threshold, else 0.

    Args:
      clip: floats in [-1, 1], at least two frames.
    """
    change = jnp.mean(jnp.abs(jnp.diff(clip, axis=-4)), axis=(-4, -3, -2, -1))
    return (change * 127.5 < STATIC_THRESHOLD).astype(clip.dtype)


RATIO = {"energy_ratio": energy}
SHARE = {"static_share": is_static}
SETTINGS = {"static_threshold_grey_levels": STATIC_THRESHOLD}
