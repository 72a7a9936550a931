import numpy as np

from ssagan_jax.data.footage import measuring
from tests.helpers import scenes


def test_a_film_is_measured():
    clip = scenes.scene(1, 20)
    film = scenes.measured(clip)
    assert len(film) == 20
    np.testing.assert_allclose(film.times, np.arange(21) / 25)
    assert film.layout.shape == (20, *measuring.LAYOUT)
    np.testing.assert_allclose(film.colours.mean((0, 1, 2)), clip.mean((0, 1, 2)), atol=1)
    assert sorted(film.motions) == [0, 6] and sorted(film.borders) == [0, 16]
    assert film.changed[0] == np.inf and (film.changed[1:] > 0.5).all()
    assert scenes.measured(clip, motion=False).motions == {}


def test_frozen_frames_are_counted_from_the_first_one():
    clip = scenes.scene(1, 20)
    clip[5:12] = clip[5]
    film = scenes.measured(clip, motion=False)
    assert film.frozen.tolist() == [0] * 6 + [1, 2, 3, 4, 5, 6] + [0] * 8
    assert (film.changed[6:12] == 0).all()


def test_slow_change_is_no_freeze():
    """Each frame differs little from the last, but more and more from the first."""
    clip = scenes.scene(1, 1).repeat(30, 0)
    clip[:, :, :40] = (clip[:, :, :40] + np.arange(30)[:, None, None, None] // 4).clip(0, 255)
    assert scenes.measured(clip, motion=False).frozen.max() < 5


def test_nothing_and_frames_of_several_sizes():
    assert len(measuring.measure([])) == 0
    looks = [*scenes.looks(scenes.scene(1, 14)), *scenes.looks(scenes.scene(1, 14)[:, :60])]
    film = measuring.measure(looks)
    assert len(film) == 28 and film.changed[14] == np.inf and 6 not in film.motions


def test_small_size():
    assert measuring.small_size(1080, 1920) == (90, 160)
    assert measuring.small_size(1920, 1080) == (160, 90)
    assert measuring.small_size(10, 4000) == (16, 160)
