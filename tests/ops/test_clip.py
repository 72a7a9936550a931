"""Clips as arrays."""

import jax.numpy as jnp
import numpy as np

from ssagan_jax.ops.clip import still


def test_still_repeats_the_frame_along_time():
    frame = np.random.default_rng(0).random((2, 3, 4, 3)).astype(np.float32)
    expected = np.broadcast_to(frame[:, None], (2, 5, 3, 4, 3))
    assert np.array_equal(still(jnp.asarray(frame), frames=5), expected)
