"""The SSIM loss against scikit-image."""

import jax
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from ssagan_jax.losses import GENERATOR
from tests.helpers.stubs import loss_inputs, quick_jit

DRAW = np.random.default_rng(0)
REAL = DRAW.uniform(-1, 1, (2, 2, 16, 20, 3)).astype(np.float32)
FAKE = np.clip(REAL + DRAW.normal(0, 0.3, REAL.shape), -1, 1).astype(np.float32)


@quick_jit
def ssim_and_gradient(real, fake):
    return jax.value_and_grad(lambda fake: GENERATOR["ssim"](loss_inputs(real, fake)))(fake)


def ssim_loss(real, fake):
    return float(ssim_and_gradient(real, fake)[0])


def theirs(real, fake, *, span):
    """1 - the mean over whole windows, frames and channels."""
    maps = []
    for one, other in zip(real.reshape(-1, 16, 20, 3), fake.reshape(-1, 16, 20, 3), strict=True):
        _, full = structural_similarity(
            one.astype(float),
            other.astype(float),
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=span,
            channel_axis=-1,
            full=True,
        )
        maps.append(full[5:-5, 5:-5])
    return 1 - np.mean(maps)


def test_ssim_is_scikit_images_on_whole_windows():
    expected = theirs(REAL, FAKE, span=2)
    assert 0.05 < expected < 0.95
    assert ssim_loss(REAL, FAKE) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("lowest", "span"), [(-0.5, 1), (-0.51, 2)])
def test_the_span_is_2_if_any_real_value_is_below_minus_a_half(lowest, span):
    real, fake = 0.2 + 0.03 * REAL, 0.2 + 0.03 * FAKE
    real[0, 0, 0, 0, 0] = lowest
    fake[0, 0, 0, 0, 0] = -0.9  # the generated clip has no say
    assert ssim_loss(real, fake) == pytest.approx(theirs(real, fake, span=span), abs=1e-4)
    assert abs(theirs(real, fake, span=1) - theirs(real, fake, span=2)) > 0.01


def test_ssim_of_identical_clips_is_0():
    assert ssim_loss(REAL, REAL) == pytest.approx(0, abs=1e-6)


def test_ssim_of_flat_clips_is_finite_and_has_a_finite_gradient():
    flat = np.full(REAL.shape, 0.5, np.float32)
    value, slope = ssim_and_gradient(flat, flat)
    assert value == pytest.approx(0, abs=1e-6)
    assert np.isfinite(slope).all()
