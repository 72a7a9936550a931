"""Values beyond where they are known."""

import numpy as np

from ssagan_jax.animation.warping import filling


def test_known_values_stay_and_spread():
    weight = np.zeros((24, 33), np.float32)
    weight[:, :16] = 1
    values = np.where(weight[..., None] > 0, np.float32([5, -2]), np.float32(999))
    found = filling.spread(values, weight)
    np.testing.assert_allclose(found, np.broadcast_to(np.float32([5, -2]), found.shape), atol=1e-4)


def test_the_nearer_value_counts_more():
    values, weight = np.zeros((16, 64, 1), np.float32), np.zeros((16, 64), np.float32)
    values[:, 0], values[:, -1] = 10, 20
    weight[:, [0, -1]] = 1
    row = filling.spread(values, weight)[8, :, 0]
    assert row[0] == 10 and row[-1] == 20
    assert row[8] < 13 and row[-9] > 17 and 14 < row[32] < 16


def test_nothing_known_is_nothing():
    assert not filling.spread(np.ones((4, 5, 2), np.float32), np.zeros((4, 5), np.float32)).any()


def test_smoothing_does_not_mix_in_what_has_no_weight():
    weight = np.zeros((20, 20), np.float32)
    weight[:10] = 1
    values = np.where(weight[..., None] > 0, np.float32(7), np.float32(-100))
    np.testing.assert_allclose(filling.smoothed(values, weight, radius=3), 7, atol=1e-3)


def test_mirrored_at_the_nearest_edge():
    inside = np.zeros((10, 6), np.float32)
    inside[:4] = 1
    found = filling.mirrored(inside)
    np.testing.assert_array_equal(found[2, 5], [5, 2])
    np.testing.assert_array_equal(found[4, 2], [2, 2])  # the last inside is row 3
    np.testing.assert_array_equal(found[6, 2], [2, 0])
