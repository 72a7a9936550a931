"""In what range and on which frames clips are scored."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.metrics.conventions import AUTHOR, CONVENTIONS, STANDARD


@pytest.mark.parametrize(("convention", "low", "high"), [(AUTHOR, -1, 1), (STANDARD, 0, 1)])
def test_black_and_white_are_the_ends_of_the_range(convention, low, high):
    scaled = convention.rescale(jnp.array([-1.0, 0.0, 1.0]))
    np.testing.assert_allclose(scaled, [low, (low + high) / 2, high])
    assert convention.peak == high - low


@pytest.mark.parametrize(("key", "counted"), [("author", 16), ("standard", 15)])
def test_the_protocol_says_how_many_frames_count(key, counted):
    described = CONVENTIONS[key].describe(frames=16)
    assert described["counted_frames"] == counted
    assert described["first_frame"] == 16 - counted
    assert {"window", "window_size", "sigma", "sample_covariance"} <= described.keys()
