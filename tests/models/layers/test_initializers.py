"""Distributions of initial values."""

import math

import jax
import numpy as np
import pytest

from ssagan_jax.models.layers.initializers import (
    kernel_initializer,
    scale_initializer,
    uniform_fan_in,
)

SHAPE = (4, 4, 4, 8, 40)  # 20,480 draws


def draw(initializer):
    return np.asarray(initializer(jax.random.key(0, impl="rbg"), SHAPE))


@pytest.mark.parametrize(
    ("initializer", "spectral_norm"), [("normal", True), ("normal", False), ("author", False)]
)
def test_normal_kernels(initializer, spectral_norm):
    values = draw(kernel_initializer(initializer, fan_in=9, spectral_norm=spectral_norm))
    assert abs(values.mean()) < 4 * 0.02 / math.sqrt(values.size)
    assert values.std() == pytest.approx(0.02, rel=0.03)
    assert values.max() > 3 * 0.02  # not a uniform draw of that deviation


@pytest.mark.parametrize("spectral_norm", [True, False])
def test_narrow_kernels(spectral_norm):
    values = draw(kernel_initializer("narrow", fan_in=9, spectral_norm=spectral_norm))
    assert values.std() == pytest.approx(0.01, rel=0.03)


def test_spectrally_normalised_kernels_of_the_author_are_uniform():
    values = draw(kernel_initializer("author", fan_in=400, spectral_norm=True))
    assert 0.0499 < np.abs(values).max() <= 0.05  # 1 / sqrt(400)
    assert values.std() == pytest.approx(0.05 / math.sqrt(3), rel=0.03)


def test_uniform_fan_in():
    values = draw(uniform_fan_in(16))
    assert -0.25 <= values.min() < -0.249
    assert 0.249 < values.max() <= 0.25


def test_uniform_kernels():
    for spectral_norm in (True, False):
        values = draw(kernel_initializer("uniform", fan_in=9, spectral_norm=spectral_norm))
        assert -0.01 <= values.min() < -0.0099
        assert 0.0099 < values.max() <= 0.01


def test_scales():
    values = draw(scale_initializer())
    assert values.mean() == pytest.approx(1.0, abs=1e-3)
    assert values.std() == pytest.approx(0.02, rel=0.03)


def test_unknown_initializer():
    message = r'Unknown initializer "he"\. Known: normal, author, narrow, uniform\.'
    with pytest.raises(ValueError, match=message):
        kernel_initializer("he", fan_in=1, spectral_norm=True)
