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
    return (flicker(clip) < STATIC_THRESHOLD).astype(clip.dtype)


def flicker(clip: Float[Array, "*b t h w 3"]) -> Float[Array, "*b"]:
    """Mean absolute difference between neighbouring frames, in grey levels (of 255).

    VBench's "temporal flickering" (Huang et al. 2024) is 1 - flicker / 255, there of clips of
    standing scenes; of clips that should move, compare with the real ones'.

    Args:
      clip: floats in [-1, 1], at least two frames.
    """
    return 127.5 * jnp.mean(jnp.abs(jnp.diff(clip, axis=-4)), axis=(-4, -3, -2, -1))


RATIO = {"energy_ratio": energy}
MEAN = {"static_share": is_static, "flicker": flicker}
SETTINGS = {"static_threshold_grey_levels": STATIC_THRESHOLD}
