"""Clips as arrays."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops.clip import check_clip, check_photo, still


def test_still_repeats_the_frame_along_time():
    frame = np.random.default_rng(0).random((2, 3, 4, 3)).astype(np.float32)
    expected = np.broadcast_to(frame[:, None], (2, 5, 3, 4, 3))
    assert np.array_equal(still(jnp.asarray(frame), frames=5), expected)


def test_a_photo_of_another_size_is_refused():
    check_photo(jnp.zeros((1, 8, 8, 3)), size=8)
    with pytest.raises(ValueError, match=r"photos of 8 x 8 pixels, not 4 x 8\. Resize the photo"):
        check_photo(jnp.zeros((1, 4, 8, 3)), size=8)


def test_a_clip_of_another_shape_is_refused():
    check_clip(jnp.zeros((1, 2, 8, 8, 3)), frames=2, size=8)
    with pytest.raises(ValueError, match=r"clips of \(2, 8, 8\), not \(3, 8, 8\)\."):
        check_clip(jnp.zeros((1, 3, 8, 8, 3)), frames=2, size=8)
