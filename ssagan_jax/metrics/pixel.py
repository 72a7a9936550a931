"""Mean squared error and peak signal-to-noise ratio."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from ssagan_jax.metrics.conventions import Convention


def mse(
    prediction: Float[Array, "*b h w 3"],
    reference: Float[Array, "*b h w 3"],
    *,
    convention: Convention,
) -> Float[Array, "*b"]:
    """Mean squared error of each frame; 0 is best.

    Args:
      prediction: frames, floats in [-1, 1].
      reference: the real frames, likewise.
      convention: gives the value range, so [-1, 1] scores 4 times what [0, 1] does.
    """
    difference = convention.rescale(prediction) - convention.rescale(reference)
    return jnp.mean(jnp.square(difference), axis=(-3, -2, -1))


def psnr(
    prediction: Float[Array, "*b h w 3"],
    reference: Float[Array, "*b h w 3"],
    *,
    convention: Convention,
) -> Float[Array, "*b"]:
    """Peak signal-to-noise ratio of each frame in dB; infinite for equal frames.

    The peak is the convention's. (The authors' library takes peak 1 for the rare
    frame without a value below mid-grey; here it is the same for every frame.)
    """
    return _decibels(mse(prediction, reference, convention=convention), peak=convention.peak)


def psnr_clip(
    prediction: Float[Array, "*b t h w 3"],
    reference: Float[Array, "*b t h w 3"],
    *,
    convention: Convention,
) -> Float[Array, "*b"]:
    """PSNR of each clip's MSE over the counted frames, in dB.

    Never above the mean of the frames' own values; one equal frame does not make
    it infinite.
    """
    counted = slice(convention.first_frame, None)
    prediction, reference = prediction[..., counted, :, :, :], reference[..., counted, :, :, :]
    errors = mse(prediction, reference, convention=convention)
    return _decibels(jnp.mean(errors, axis=-1), peak=convention.peak)


def _decibels(error: Float[Array, "*b"], *, peak: float) -> Float[Array, "*b"]:
    return 10.0 * jnp.log10(peak**2 / error)


FRAME = {"mse": mse, "psnr": psnr}
CLIP = {"psnr_clip": psnr_clip}
BETTER = {"mse": "lower", "psnr": "higher", "psnr_clip": "higher"}
