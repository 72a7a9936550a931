from dataclasses import replace

import numpy as np
import pytest

from ssagan_jax.data.footage import stretches
from ssagan_jax.data.footage.measuring import measure
from ssagan_jax.data.footage.stretches import DARK, FROZEN, GOOD, MIXED, MOVES, Steps
from tests.helpers import scenes

ALL = Steps(cuts=True, drop_frozen=True, crop_bars=True, still_camera=stretches.STILL)


def told(frames, steps=ALL):
    """Of each stretch the first frame, how many, and why it is left out."""
    found = stretches.find_stretches(scenes.measured(frames), steps)
    assert [one.first for one in found] == [0, *np.cumsum([one.frames for one in found])[:-1]]
    return [(one.first, one.frames, one.reason) for one in found]


@pytest.fixture(scope="module")
def one():
    return scenes.scene(1, 40)


@pytest.fixture(scope="module")
def other():
    return scenes.scene(11, 40)


def test_nothing_to_do(one):
    assert told(one, Steps()) == [(0, 40, GOOD)]
    assert not Steps().any and ALL.any
    assert stretches.find_stretches(measure([]), ALL) == []


def test_cuts(one, other):
    film = np.concatenate([one, other])
    assert told(film) == [(0, 40, GOOD), (40, 40, GOOD)]
    assert told(film, Steps(drop_frozen=True)) == [(0, 80, GOOD)]


def test_a_cross_fade_is_in_neither_scene(one, other):
    (first, _, _), (start, frames, reason), (last, _, _) = told(scenes.crossed(one, other, 12))
    assert reason == MIXED and abs(start - 28) <= 2 and abs(frames - 12) <= 3
    assert first == 0 and last == start + frames


def test_black_with_its_fades(one, other):
    down = np.linspace(1, 0, 10)[:, None, None, None]
    ends, begins = one.copy(), other.copy()
    ends[-10:] = ends[-10:] * down
    begins[:10] = begins[:10] * down[::-1]
    film = np.concatenate([ends, np.zeros((8, *one.shape[1:]), np.uint8), begins])
    found = told(film)
    assert [reason for _, _, reason in found] == [GOOD, MIXED, DARK, MIXED, GOOD]
    assert abs(found[0][1] - 31) <= 1 and abs(found[4][1] - 31) <= 1


def test_a_freeze_parts_a_scene(one):
    film = np.concatenate([one[:20], one[20:21].repeat(15, 0), one[20:]])
    assert told(film) == [(0, 21, GOOD), (21, 15, FROZEN), (36, 19, GOOD)]


def test_duplicates_are_left_out_one_by_one(one):
    (found,) = stretches.find_stretches(scenes.measured(one.repeat(2, 0)), ALL)
    assert found.kept and found.twice == frozenset(range(1, 80, 2))


def test_a_moving_camera(one):
    film = np.concatenate([one, scenes.scene(21, 40, pan=0.8)])
    assert told(film) == [(0, 40, GOOD), (40, 40, MOVES)]
    assert told(film, Steps(cuts=True)) == [(0, 40, GOOD), (40, 40, GOOD)]
    assert told(film, Steps(cuts=True, still_camera=0.5)) == [(0, 40, GOOD), (40, 40, GOOD)]


def test_a_camera_that_stops():
    pan = scenes.scene(31, 40, pan=0.7)
    rest = scenes.scene(31, 41, pan=0.7)[40:].repeat(40, 0)
    grain = np.random.default_rng(0).normal(0, 1, (40, *rest.shape[1:3], 1))
    film = np.concatenate([pan, (rest + grain).clip(0, 255).astype(np.uint8)])
    (_, moving, reason), (_, _, still) = told(film)
    assert (reason, still) == (MOVES, GOOD) and abs(moving - 40) <= 8


def test_bars_are_of_a_stretch(one, other):
    film = np.concatenate([one, other])
    film[:40, :10] = film[:40, -10:] = 0
    first, second = stretches.find_stretches(scenes.measured(film), ALL)
    assert first.box is not None and first.box[:2] == (12, 78) and second.box is None


def test_scraps_are_left_out(one, other):
    assert told(np.concatenate([one, other[:5]])) == [(0, 40, GOOD), (40, 5, "only 5 frames")]


def test_what_shakes_is_held_still_if_that_is_asked_for(one):
    film = np.concatenate([one, scenes.scene(41, 40, shake=1.5)])
    assert told(film) == [(0, 40, GOOD), (40, 40, MOVES)]
    steps = replace(ALL, stabilise=True)
    first, second = stretches.find_stretches(scenes.measured(film, turns=True), steps)
    assert first.steady is None and first.kept
    assert second.steady is not None and second.kept and len(second.steady.turns) == 40


@pytest.mark.parametrize("wrong", [0.0, -0.1, 1.5])
def test_a_limit_that_is_no_share_is_refused(wrong):
    with pytest.raises(ValueError, match=r"still_camera is a share .* such as 0\.01; got"):
        Steps(still_camera=wrong)
