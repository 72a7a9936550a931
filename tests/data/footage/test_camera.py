import cv2
import numpy as np
import pytest

from ssagan_jax.data.footage import camera
from tests.helpers import scenes

LIMIT = 0.01


def watched(clip):
    greys = [camera.evened(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)) for frame in clip]
    return camera.watch(greys)


@pytest.mark.parametrize(
    ("moving", "expected"),
    [
        ({}, -1),
        ({"drift": 2.0}, -1),
        ({"pan": 0.4}, 1),
        ({"pan": -2.0}, 1),
        ({"zoom": 0.004}, 1),
        ({"pan": 0.4, "drift": -1.0}, 1),
    ],
)
def test_the_camera_is_told_from_the_sky(moving, expected):
    clip = scenes.scene(3, camera.SPAN + 1, **moving)
    assert camera.verdict(watched(clip), LIMIT) == expected


def test_how_far_the_camera_moves():
    whole, low = watched(scenes.scene(5, camera.SPAN + 1, pan=0.5))
    assert low.shift == pytest.approx(0.5 * camera.SPAN / scenes.WIDTH, rel=0.1)
    assert low.rigid > 0.9 * low.solid > 0.3 and low.still < 0.05
    del whole
    slow = watched(scenes.scene(5, camera.SPAN + 1, pan=0.1))
    assert camera.verdict(slow, 0.005) == 1 and camera.verdict(slow, 0.05) != 1


def test_changing_light_is_no_motion():
    clip = scenes.scene(7, camera.SPAN + 1)
    gains = np.linspace(0.4, 1.2, len(clip)) * np.tile([1, 1.15], len(clip))[: len(clip)]
    flickering = (clip * gains[:, None, None, None]).clip(0, 255).astype(np.uint8)
    assert camera.verdict(watched(flickering), LIMIT) == -1


def test_where_nothing_is_solid_nothing_is_known():
    noise = np.random.default_rng(0).integers(0, 255, (camera.SPAN + 1, 90, 160, 3), np.uint8)
    assert camera.verdict(watched(noise), LIMIT) == 0
    flat = np.full((camera.SPAN + 1, 90, 160, 3), 90, np.uint8)
    assert camera.verdict(watched(flat), LIMIT) == 0
