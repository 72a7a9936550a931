import numpy as np
import pytest

from ssagan_jax.data.painting import noise


@pytest.mark.parametrize("size", [64, 128])
def test_fractal_noise_is_seeded_and_of_unit_deviation(size):
    def make():
        return noise.fractal(np.random.default_rng(3), size, slope=1.2, low=2.0, high=16.0)

    texture = make()
    assert texture.dtype == np.float32 and texture.shape[0] >= size
    np.testing.assert_array_equal(texture, make())
    np.testing.assert_allclose([texture.mean(), texture.std()], [0, 1], atol=1e-5)
    spectrum = np.abs(np.fft.rfft2(texture))
    assert spectrum[0, 20:].max() < 1e-2 < spectrum[0, 4]  # nothing above the highest frequency


def test_sample_is_bilinear_and_wraps_around():
    texture = np.arange(16, dtype=np.float32).reshape(4, 4)
    x = np.array([[[0.0, 0.125, 1.25]]], np.float32)  # in tiles: columns 0, 0.5 and 5 - 4
    y = np.array([[[0.25]]], np.float32)  # row 1
    np.testing.assert_allclose(noise.sample(texture, x, y), [[[4.0, 4.5, 5.0]]])


def test_smoothstep_and_mix():
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    np.testing.assert_allclose(noise.smoothstep(0.0, 1.0, x), [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(noise.mix(x, x + 4, 0.25), x + 1)


def test_a_ridge_leaves_out_what_is_too_fine():
    line = noise.ridge(np.random.default_rng(0), 64, slope=1.5)
    assert line.shape == (64,) and line.dtype == np.float32
    assert not noise.ridge(np.random.default_rng(0), 8, slope=1.5, low=8).any()
