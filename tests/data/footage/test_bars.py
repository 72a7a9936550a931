import numpy as np
import pytest

from ssagan_jax.data.footage.bars import Box, borders, find_box
from tests.helpers import scenes


def box_of(*frames):
    return find_box([borders(frame) for frame in frames])


@pytest.fixture
def frame():
    return scenes.scene(1, 1)[0].clip(40, 255)


def test_bars_above_and_below_and_at_the_sides(frame):
    wide = frame.copy()
    wide[:10] = wide[-12:] = 0
    assert box_of(wide) == Box(12, 76, 0, 160)  # two more lines: they are mixed with the bar
    tall = frame.copy()
    tall[:, :20] = tall[:, -20:] = 3
    assert box_of(tall) == Box(0, 90, 22, 138)
    assert Box(12, 76, 0, 160).of(wide).shape == (64, 160, 3)


def test_no_bars(frame):
    assert box_of(frame) is None
    assert box_of() is None
    assert box_of(np.zeros((90, 160, 3), np.uint8)) is None


def test_a_bar_is_black_in_all_frames(frame):
    dark = frame.copy()
    dark[:30] = 0
    assert box_of(dark, frame) is None


def test_a_dark_hill_is_no_bar(frame):
    hill = frame.copy()
    for column in range(160):
        hill[60 + int(20 * np.sin(column / 25) ** 2) :, column] = 5
    assert box_of(hill) is None


def test_a_logo_in_a_bar_shows_that_it_is_picture(frame):
    logo = frame.copy()
    logo[:14] = 0
    logo[4:8, 20:40] = 200
    assert box_of(logo) is None


def test_frames_of_several_sizes(frame):
    assert find_box([borders(frame), borders(frame[:80])]) is None
