"""The moments of clips of all lengths."""

import itertools

import numpy as np
import pytest

from ssagan_jax.animation.warping import phases


def clip(frames, *, travel=0.01, speed=1.0, loop=False, lights=16):
    schedule = phases.Schedule(frames, travel, speed, loop)
    return list(schedule.moments(lights=lights))


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("frames", [1, 16, 333])
def test_it_begins_with_the_photo(frames, loop):
    found = clip(frames, loop=loop)
    assert len(found) == frames
    assert (found[0].age, found[0].share, found[0].light) == (0, 0, 0)


def test_a_short_way_needs_no_fade():
    found = clip(26)  # 25 steps of a hundredth
    assert [m.age for m in found] == list(range(26)) and not any(m.share for m in found)
    assert any(m.share for m in clip(28))
    assert [m.age for m in clip(8, speed=0.5)] == [frame / 2 for frame in range(8)]


@pytest.mark.parametrize(("frames", "loop"), [(200, False), (64, True), (7, True)])
def test_both_phases_flow_and_neither_goes_far(frames, loop):
    found = clip(frames, loop=loop)
    for before, after in itertools.pairwise(found):
        if 0 < before.share < after.share:  # between two times of the photo
            assert after.age - before.age == pytest.approx(1)
            assert after.next_age - before.next_age == pytest.approx(1)
    ages = [m.age for m in found] + [m.next_age for m in found]
    assert np.abs(ages).max() * 0.01 <= phases.PERIOD_REACH
    assert np.abs(ages).max() <= phases.Schedule(frames, 0.01, loop=loop).longest_age


@pytest.mark.parametrize(("frames", "speed"), [(64, 1.0), (10, 1.0), (33, 0.4), (50, 3.0)])
def test_a_loop_closes(frames, speed):
    """After the last frame comes a moment that is the photo itself, one step on."""
    first, last = clip(frames, speed=speed, loop=True)[1], clip(frames, speed=speed, loop=True)[-1]
    assert last.next_age == pytest.approx(-speed) and first.age == pytest.approx(speed)
    assert last.share == pytest.approx(1 - first.share)
    assert last.light == pytest.approx(first.light)


def test_light_goes_on_or_to_and_fro():
    assert [m.light for m in clip(20, travel=0.001)] == [*range(16), 15, 15, 15, 15]
    lights = [m.light for m in clip(100)]
    assert lights[:16] == pytest.approx(range(16)) and lights[30] == pytest.approx(0)
    assert max(lights) == 15 and np.abs(np.diff(lights)).max() <= 1.0001
    assert max(m.light for m in clip(10, loop=True)) == 5
    assert {m.light for m in clip(100, lights=1)} == {0.0}


def test_without_motion_nothing_has_to_fade():
    assert not any(m.share for m in clip(500, travel=0.0))
    assert len(clip(500, travel=0.0, loop=True)) == 500
