"""MSE and PSNR against arithmetic by hand and scikit-image."""

import numpy as np
import pytest
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio

from ssagan_jax.metrics import pixel
from ssagan_jax.metrics.conventions import AUTHOR, CONVENTIONS, STANDARD
from tests.helpers.stubs import quick_jit

mse, psnr, psnr_clip = (
    quick_jit(f, static_argnames="convention") for f in (pixel.mse, pixel.psnr, pixel.psnr_clip)
)


@pytest.fixture(scope="module")
def pair():
    """Two noisy frames and two smooth ones, floats in [-1, 1] as from uint8."""
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 256, (4, 20, 24, 3))
    near = np.clip(reference + rng.integers(-9, 10, reference.shape), 0, 255)
    return tuple((x / 127.5 - 1).astype(np.float32) for x in (near, reference))


@pytest.mark.parametrize("key", CONVENTIONS)
def test_agrees_with_scikit_image(pair, key):
    convention = CONVENTIONS[key]
    ours = [f(*pair, convention=convention) for f in (mse, psnr)]
    scaled = [(x.astype(np.float64) + 1) * convention.peak / 2 for x in pair]
    for i, (x, y) in enumerate(zip(*scaled, strict=True)):
        theirs = peak_signal_noise_ratio(y, x, data_range=convention.peak)
        np.testing.assert_allclose(ours[0][i], mean_squared_error(x, y), rtol=1e-5)
        np.testing.assert_allclose(ours[1][i], theirs, atol=1e-5)


def test_by_hand():
    reference = np.zeros((1, 2, 2, 3), np.float32)
    prediction = np.full_like(reference, 0.2)
    np.testing.assert_allclose(mse(prediction, reference, convention=AUTHOR), 0.04, rtol=1e-6)
    np.testing.assert_allclose(mse(prediction, reference, convention=STANDARD), 0.01, rtol=1e-6)
    # 10 log10(2^2 / 0.04) and 10 log10(1 / 0.01)
    for convention in (AUTHOR, STANDARD):
        np.testing.assert_allclose(
            psnr(prediction, reference, convention=convention), 20, rtol=1e-6
        )


def test_equal_frames_have_infinite_psnr(pair):
    frame = pair[0]
    np.testing.assert_array_equal(mse(frame, frame, convention=AUTHOR), 0)
    np.testing.assert_array_equal(psnr(frame, frame, convention=AUTHOR), np.inf)


def test_psnr_of_a_clip_counts_the_frames_of_the_convention():
    reference = np.zeros((1, 2, 2, 2, 3), np.float32)
    prediction = reference.copy()
    prediction[:, 1] = 0.2  # frame 0 is equal, frame 1 has MSE 0.04
    author, standard = (psnr_clip(prediction, reference, convention=c) for c in (AUTHOR, STANDARD))
    np.testing.assert_allclose(author, 10 * np.log10(4 / 0.02), rtol=1e-6)
    np.testing.assert_allclose(standard, 20, rtol=1e-6)
