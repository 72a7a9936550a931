import itertools

import cv2
import numpy as np
import pytest

from ssagan_jax.data.footage import camera, steadying
from tests.helpers import scenes


def evened(clip):
    return [camera.evened(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)) for frame in clip]


def turns_of(clip):
    greys = evened(clip)
    between = [steadying.turn_between(*pair) for pair in itertools.pairwise(greys)]
    return np.stack([np.full((2, 3), np.nan), *between])


def test_the_turn_between_frames_is_that_of_the_land():
    one, other = evened(scenes.scene(1, 2, pan=1.5, drift=-2.0))
    turn = steadying.turn_between(one, other)
    np.testing.assert_allclose(turn, [[1, 0, -1.5], [0, 1, 0]], atol=0.15)


def test_a_shaking_camera_is_held_still():
    clip = scenes.scene(3, 24, shake=2.0)
    held = steadying.steady(turns_of(clip), 90, 160)
    assert held is not None
    box = held.box(90, 160)
    still = np.stack([box.of(held.frame(number, frame)) for number, frame in enumerate(clip)])
    land = still[:, 50:].astype(float).std(0).mean()
    assert land < 0.3 * clip[:, 55:].astype(float).std(0).mean()
    np.testing.assert_allclose(held.turns[12], np.eye(2, 3), atol=1e-9)


def test_full_frames_are_moved_as_the_small_ones_say():
    held = steadying.Steady(np.array([[[1, 0, 4.0], [0, 1, -2.0]]]), 160)
    frame = np.random.default_rng(0).integers(0, 255, (180, 320, 3), np.uint8)
    moved = held.frame(0, frame)
    np.testing.assert_array_equal(moved[10:150, 10:300], frame[6:146, 18:308])
    assert held.box(180, 320) == (4, 180, 0, 312)


def test_what_goes_too_far_or_is_not_known_is_not_held():
    assert steadying.steady(turns_of(scenes.scene(3, 40, pan=2.5)), 90, 160) is None
    turns = np.tile(np.eye(2, 3), (5, 1, 1))
    assert steadying.steady(turns, 90, 160) is not None
    turns[3] = np.nan
    assert steadying.steady(turns, 90, 160) is None


@pytest.mark.parametrize("grey", [0, 128])
def test_of_nothing_no_turn_is_known(grey):
    flat = np.full((90, 160), grey, np.uint8)
    assert np.isnan(steadying.turn_between(flat, flat)).all()
