"""SSIM against scikit-image."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from ssagan_jax.metrics import structural
from ssagan_jax.metrics.conventions import AUTHOR, CONVENTIONS, STANDARD
from tests.helpers.stubs import quick_jit

ssim = quick_jit(structural.ssim, static_argnames="convention")
GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


@pytest.fixture(scope="module")
def pair():
    """Noise, a smooth frame, a flat one and a dark one: floats in [-1, 1] as from uint8."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (22, 26, 3))
    ramp = np.broadcast_to(np.linspace(20, 230, 26)[:, None], (22, 26, 3))
    reference = np.stack([noise, ramp, np.full_like(noise, 128), noise // 8])
    near = np.clip(reference + rng.integers(-20, 21, reference.shape), 0, 255).round()
    return tuple((x.round() / 127.5 - 1).astype(np.float32) for x in (near, reference))


@pytest.mark.parametrize("key", CONVENTIONS)
def test_agrees_with_scikit_image(pair, key):
    convention = CONVENTIONS[key]
    ours = ssim(*pair, convention=convention)
    scaled = [x.astype(np.float64) for x in pair]
    options = {"data_range": 2}
    if key == "standard":
        scaled = [(x + 1) / 2 for x in scaled]
        options = {"data_range": 1, **GAUSSIAN}
    theirs = [
        structural_similarity(x, y, channel_axis=-1, **options)
        for x, y in zip(*scaled, strict=True)
    ]
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_equal_frames_score_one(pair):
    np.testing.assert_allclose(ssim(pair[0], pair[0], convention=AUTHOR), 1, atol=1e-6)


def test_leading_axes_are_kept(pair):
    x, y = pair
    flat = ssim(x, y, convention=AUTHOR)
    nested = ssim(x.reshape(2, 2, *x.shape[1:]), y.reshape(2, 2, *y.shape[1:]), convention=AUTHOR)
    np.testing.assert_allclose(np.ravel(nested), flat, atol=1e-6)


def test_frames_smaller_than_the_window():
    frame = np.zeros((1, 8, 8, 3), np.float32)
    assert ssim(frame, frame, convention=AUTHOR).shape == (1,)
    with pytest.raises(ValueError, match="8 x 8 pixels are smaller than the 11 x 11 window"):
        ssim(frame, frame, convention=STANDARD)
