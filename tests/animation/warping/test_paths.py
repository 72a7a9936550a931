"""Paths through fields whose paths are known."""

import numpy as np
import pytest

from ssagan_jax.animation.warping import paths


def own(size=64):
    return np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1).astype(np.float32)


@pytest.mark.parametrize("age", [0, 0.5, 7, -3.25])
def test_an_even_wind_goes_straight(age):
    velocity = np.zeros((20, 30, 2), np.float32) + np.float32([1.5, -0.5])
    found = paths.shifts(velocity, age, doublings=paths.doublings(velocity, longest=7))
    np.testing.assert_allclose(found, -age * velocity, atol=1e-4)


def test_a_full_turn_returns():
    centre = own() - 31.5
    turn = 2 * np.pi / 40  # a frame
    velocity = turn * np.stack([-centre[..., 1], centre[..., 0]], -1)
    doublings = paths.doublings(velocity, longest=40)
    found = paths.shifts(velocity, 40, doublings=doublings)
    near = np.hypot(centre[..., 0], centre[..., 1]) < 28
    assert np.abs(found[near]).max() < 0.5
    quarter = own() + paths.shifts(velocity, 10, doublings=doublings)
    np.testing.assert_allclose(quarter[31, 51], [31, 12], atol=0.3)  # was above, 10 frames ago


def test_paths_are_those_of_small_steps():
    rows = own()[..., 1]
    velocity = np.stack([0.8 * np.sin(rows / 9), 0.1 * np.ones_like(rows)], -1)
    found = paths.shifts(velocity, 12, doublings=paths.doublings(velocity, longest=12))
    place = np.float32([30.0, 40.0])
    for _ in range(1200):
        place = place - 0.01 * np.float32([0.8 * np.sin(place[1] / 9), 0.1])
    np.testing.assert_allclose([30, 40] + found[40, 30], place, atol=0.1)


def test_paths_stop_at_what_stands_still():
    velocity = np.zeros((8, 64, 2), np.float32)
    velocity[:, 32:, 0] = 1  # carried away from column 32 to the right
    found = own()[:8] + paths.shifts(velocity, 30, doublings=7)
    assert 30.9 <= found[4, 40, 0] <= 32.5 and abs(found[4, 20, 0] - 20) < 1e-4


def test_nothing_moves_without_velocity():
    still = np.zeros((4, 4, 2), np.float32)
    assert paths.doublings(still, longest=100) == 0
    assert not paths.shifts(still, 9, doublings=0).any()
