"""The sky of painted scenes, by a model's mask and the photo together."""

import numpy as np
import pytest

from ssagan_jax.animation import skies
from ssagan_jax.animation.masks import Mask
from tests.animation.test_masks import scene

SIZE = 64


def overlap(found: Mask, truth: np.ndarray) -> float:
    return ((found > 127) & truth).sum() / ((found > 127) | truth).sum()


def says(rows: int, *, above: float = 0.9, below: float = 0.1) -> np.ndarray:
    """A model's mask: so sure that ``rows`` of its rows move, and that others do not."""
    mask = np.full((SIZE, SIZE), below, np.float32)
    mask[:rows] = above
    return mask


def lake(height=120, width=180):
    """A smooth pale sky over its like in a lake, a dark shore between; and its true sky."""
    photo = np.full((height, width, 3), [150, 170, 200], np.uint8)
    photo[50:54] = [60, 60, 70]
    truth = np.zeros((height, width), bool)
    truth[:50] = True
    return photo, truth


def test_the_photo_mends_a_mask_that_reaches_too_far_and_has_holes():
    photo, truth = scene()
    mask = says(44)  # the hills begin at row 40
    mask[10:20, 10:20] = 0.1
    found = skies.sky(photo, mask)
    assert found.shape == photo.shape[:2] and found.dtype == np.uint8
    assert overlap(found, truth) > 0.95


def test_a_lake_in_the_colours_of_the_sky_is_below_the_line():
    photo, truth = lake()
    unsure = says(SIZE, above=0.6)
    assert overlap(skies.sky(photo, unsure), truth) > 0.95


def test_a_pale_ridge_with_the_light_of_the_sky_but_rough_is_ground():
    """The model takes it for sky, its colour hardly differs: rocks are rough, haze is not."""
    photo, truth = lake()
    rocks = np.random.default_rng(0).integers(-8, 9, (70, 180, 1))
    photo[50:] = (np.array([145, 165, 195]) + rocks).astype(np.uint8)
    assert overlap(skies.sky(photo, says(SIZE, above=0.6)), truth) > 0.95


def test_a_sky_that_goes_dark_without_a_border_goes_on():
    y = np.mgrid[:120, :180][0][..., None]
    photo = (np.array([60, 110, 190]) * (1 - y / 180)).astype(np.uint8)
    photo[10:30, 20:60] = 220  # a cloud
    assert (skies.sky(photo, says(24)) > 127).mean() > 0.99


def test_the_line_follows_the_walls_of_a_tower_and_no_cloud():
    photo, truth = lake()
    photo[20:54, 100:112] = [60, 60, 70]
    truth[20:54, 100:112] = False
    photo[30:44, 30:50] = 235
    mask = says(30)
    mask[11:, 35:41] = 0.1
    found = skies.sky(photo, mask) > 127
    assert not found[24:50, 103:109].any() and found[:44, :90].all()
    assert overlap(255 * found.astype(np.uint8), truth) > 0.95


def test_a_night_sky_is_sky():
    photo, truth = lake()
    assert overlap(skies.sky(photo // 12, says(30)), truth) > 0.9


def test_a_photo_of_nothing_but_sky_is_sky():
    y, x = np.mgrid[:120, :160]
    clouds = 40 * np.sin(x / 19) * np.cos(y / 17)
    photo = (clouds[..., None] + [120, 140, 180]).astype(np.uint8)
    assert (skies.sky(photo, says(SIZE)) > 127).mean() > 0.99


def test_no_sky():
    ground = np.random.default_rng(0).integers(10, 60, (80, 100, 3)).astype(np.uint8)
    with pytest.raises(ValueError, match=r"No sky found in the photo\. Paint a mask"):
        skies.sky(ground, says(0, below=0.01))
