"""Windowed means against SciPy."""

import jax.numpy as jnp
import numpy as np
from scipy import ndimage

from ssagan_jax.ops.window import gaussian, inner_mean, same_mean, uniform

IMAGE = np.random.default_rng(0).random((2, 16, 20)).astype(np.float32)


def test_inner_mean_is_the_mean_of_each_whole_window():
    theirs = ndimage.uniform_filter(IMAGE, (0, 7, 7))[:, 3:-3, 3:-3]
    np.testing.assert_allclose(inner_mean(jnp.asarray(IMAGE), uniform(7)), theirs, atol=1e-6)


def test_same_mean_repeats_the_border():
    theirs = ndimage.gaussian_filter(IMAGE, (0, 2, 2), radius=(0, 5, 5), mode="nearest")
    weights = gaussian(11, sigma=2.0)
    np.testing.assert_allclose(same_mean(jnp.asarray(IMAGE), weights), theirs, atol=1e-6)
