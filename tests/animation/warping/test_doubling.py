"""A picture between its pixels."""

import cv2
import numpy as np

from ssagan_jax.animation.warping.doubling import doubled, places_in_doubled, sampled
from ssagan_jax.animation.warping.grids import looked_up, places

NOISE = np.random.default_rng(0).integers(60, 200, (40, 50, 3)).astype(np.uint8)


def moved(image, right, down):
    shift = np.float32([right, down])
    where = places_in_doubled(places(*image.shape[:2]) + shift)
    return sampled(doubled(image), where).astype(int)


def test_pixels_keep_their_values_and_whole_shifts_are_exact():
    assert doubled(NOISE).shape == (81, 101, 3)
    np.testing.assert_array_equal(moved(NOISE, 0, 0), NOISE)
    np.testing.assert_array_equal(moved(NOISE, 3, 0)[:, :-3], NOISE[:, 3:])
    np.testing.assert_array_equal(moved(NOISE, 0, -2)[2:], NOISE[:-2])


def test_beyond_the_borders_it_is_mirrored():
    np.testing.assert_array_equal(moved(NOISE, -5, 0)[:, :5], NOISE[:, 4::-1])
    np.testing.assert_array_equal(moved(NOISE, 0, 4)[-4:], NOISE[:-5:-1])
    np.testing.assert_array_equal(moved(NOISE, 100, 80), NOISE)  # two pictures on


def test_between_pixels_a_wave_goes_on():
    columns, rows = np.meshgrid(np.arange(50), np.arange(40))
    wave = [128 + 100 * np.sin((columns + x) / 2 + (rows + y) / 3) for x, y in ((0, 0), (0.5, 0.5))]
    image = np.dstack([wave[0]] * 3).round().astype(np.uint8)
    np.testing.assert_allclose(moved(image, 0.5, 0.5)[5:-5, 5:-5, 0], wave[1][5:-5, 5:-5], atol=2.5)


def test_noise_stays_sharper_than_with_a_bicubic_kernel():
    def energy(image):
        return np.square(cv2.Laplacian(image[6:-6, 6:-6].astype(np.float32), cv2.CV_32F)).mean()

    where = places(40, 50) + np.float32([0.5, 0])
    cubic = looked_up(NOISE, where, method=cv2.INTER_CUBIC)
    assert energy(moved(NOISE, 0.5, 0)) > 1.1 * energy(cubic)
