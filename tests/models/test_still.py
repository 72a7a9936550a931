"""The still picture."""

import jax.numpy as jnp
import numpy as np

from ssagan_jax import models


def test_still_repeats_the_photo():
    frame = jnp.asarray(np.random.default_rng(0).random((2, 4, 4, 3)), jnp.float32)
    still = models.generator("still", size=4, frames=3)
    clip = still.apply({}, frame, train=False).clip
    assert clip.shape == (2, 3, 4, 4, 3)
    assert all(np.array_equal(clip[:, t], frame) for t in range(3))
