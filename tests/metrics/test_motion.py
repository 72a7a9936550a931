"""Amounts of motion by hand."""

import numpy as np

from ssagan_jax.metrics import motion
from tests.helpers.stubs import quick_jit

energy, flicker, is_static = map(quick_jit, (motion.energy, motion.flicker, motion.is_static))


def clip_with_steps(*steps):
    """Clips of three frames that brighten by the same step twice, in grey levels."""
    levels = 100 + np.outer(steps, np.arange(3))
    frames = np.broadcast_to(levels[:, :, None, None, None], (len(steps), 3, 4, 4, 3))
    return (frames / 127.5 - 1).astype(np.float32)


def test_energy_is_the_mean_squared_frame_difference():
    found = energy(clip_with_steps(0, 12.75, 25.5))
    np.testing.assert_allclose(found, [0, 0.01, 0.04], atol=1e-7)


def test_energy_is_a_mean_over_frames_not_a_sum():
    clip = clip_with_steps(12.75)
    longer = np.concatenate([clip, clip[:, 1::-1]], axis=1)  # up, up, down, down
    np.testing.assert_allclose(energy(longer), energy(clip), rtol=1e-5)


def test_static_is_below_the_threshold():
    steps = (0, 0.8 * motion.STATIC_THRESHOLD, 1.2 * motion.STATIC_THRESHOLD)
    np.testing.assert_array_equal(is_static(clip_with_steps(*steps)), [1, 1, 0])


def test_static_goes_by_the_size_of_changes_not_their_sign():
    clip = clip_with_steps(5)
    there_and_back = np.concatenate([clip, clip[:, :1]], axis=1)
    np.testing.assert_array_equal(is_static(there_and_back), [0])


def test_flicker_is_in_grey_levels_and_has_no_sign():
    np.testing.assert_allclose(flicker(clip_with_steps(0, 5, -12)), [0, 5, 12], atol=1e-4)
