import numpy as np
import pytest

from ssagan_jax.data.footage.cuts import Change, find_changes
from tests.helpers import scenes


@pytest.fixture(scope="module")
def parts():
    return [scenes.scene(seed, 40) for seed in (10, 20)]


@pytest.mark.parametrize("motion", [True, False])
def test_a_cut_is_found_to_the_frame(parts, motion):
    assert find_changes(scenes.measured(np.concatenate(parts), motion=motion)) == [Change(39, 40)]


@pytest.mark.parametrize("frames", [8, 20])
def test_a_cross_fade_is_found_with_its_length(parts, frames):
    (change,) = find_changes(scenes.measured(scenes.crossed(*parts, frames)))
    assert abs(change.last - (39 - frames)) <= 2 and abs(change.first - 40) <= 2


def test_one_scene_has_no_cut(parts):
    assert find_changes(scenes.measured(parts[0])) == []
    assert find_changes(scenes.measured(parts[0][:1])) == []


@pytest.mark.parametrize("motion", [True, False])
def test_lightning_and_flicker_are_no_cuts(parts, motion):
    clip = parts[0].astype(float)
    clip[12:14] = clip[12:14] * 2 + 60
    clip[25:] *= np.random.default_rng(0).uniform(0.85, 1.15, (15, 1, 1, 1))
    clip = clip.clip(0, 255).astype(np.uint8)
    assert find_changes(scenes.measured(clip, motion=motion)) == []


def test_sunrise_and_pans_are_no_cross_fades(parts):
    rising = parts[0] * np.linspace(0.3, 1, 40)[:, None, None, None]
    assert find_changes(scenes.measured(rising.astype(np.uint8))) == []
    assert find_changes(scenes.measured(scenes.scene(30, 40, pan=1.2))) == []
