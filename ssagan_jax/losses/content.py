"""Content losses: the generated clip against the true one."""

import jax.numpy as jnp

from ssagan_jax.losses.inputs import LossInputs
from ssagan_jax.ops.collectives import pmin
from ssagan_jax.ops.window import gaussian, inner_mean
from ssagan_jax.types import Scalar

WINDOW = gaussian(11, sigma=1.5)


def l1(inputs: LossInputs) -> Scalar:
    """Mean absolute difference: the poster's L_con (which norm, it does not say)."""
    return jnp.mean(jnp.abs(inputs.fake.clip - inputs.real))


def mse(inputs: LossInputs) -> Scalar:
    """Mean squared difference."""
    return jnp.mean(jnp.square(inputs.fake.clip - inputs.real))


def first_frame(inputs: LossInputs) -> Scalar:
    """Mean absolute difference of the first frame alone: VGAN's, which weighs it 10."""
    return jnp.mean(jnp.abs(inputs.fake.clip[:, 0] - inputs.real[:, 0]))


def ssim(inputs: LossInputs) -> Scalar:
    """1 - SSIM, as in the authors' code (Wang et al. 2004).

    11 x 11 Gaussian window of sigma 1.5, no padding, per channel and frame, averaged;
    C1 = (0.01 L)^2, C2 = (0.03 L)^2 with L = 2 if any real value is below -0.5, else 1.
    """
    real, fake = (jnp.moveaxis(clip, -1, 2) for clip in (inputs.real, inputs.fake.clip))
    span = jnp.where(pmin(jnp.min(real), inputs.axis_names) < -0.5, 2.0, 1.0)
    c1, c2 = jnp.square(0.01 * span), jnp.square(0.03 * span)
    mean_r = inner_mean(real, WINDOW)  # apart from the others: nothing to differentiate
    moments = jnp.stack([fake, real * real + fake * fake, real * fake])
    mean_f, squares, product = inner_mean(moments, WINDOW)
    luminance = (2 * mean_r * mean_f + c1) / (mean_r**2 + mean_f**2 + c1)
    covariance, variances = product - mean_r * mean_f, squares - mean_r**2 - mean_f**2
    structure = (2 * covariance + c2) / (variances + c2)
    return 1.0 - jnp.mean(luminance * structure)


GENERATOR = {"l1": l1, "mse": mse, "first_frame": first_frame, "ssim": ssim}
