"""A coarse mask at a photo's fine outlines."""

import cv2
import numpy as np

from ssagan_jax.animation.warping.grids import Grid
from ssagan_jax.animation.warping.outlines import at_outlines


def scene(height=300, width=400):
    """Dark, rough hills below a bright sky: the photo, and where its sky is."""
    rows, columns = np.mgrid[:height, :width]
    sky = rows < height / 2 + 25 * np.sin(columns / 23)
    rough = np.random.default_rng(0).integers(0, 30, (height, width, 1))
    photo = np.where(sky[..., None], np.array([140, 170, 220]) + rough // 4, 30 + rough)
    return photo.astype(np.uint8), sky


def coarse(sky, size=32):
    mask = cv2.resize(sky.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(mask, (0, 0), 1)


def test_the_outline_is_the_photos():
    photo, sky = scene()
    found = at_outlines(photo, coarse(sky), Grid(*sky.shape, 2))
    assert found.shape == sky.shape and found.dtype == np.uint8
    assert ((found > 127) != sky).mean() < 0.001
    stretched = cv2.resize(coarse(sky), sky.shape[::-1]) > 0.5
    assert (stretched != sky).mean() > 0.006  # what plain stretching gets wrong


def test_far_from_outlines_it_is_all_or_nothing():
    photo, sky = scene()
    found = at_outlines(photo, coarse(sky), Grid(*sky.shape, 2))
    assert (found[:80] == 255).all() and (found[-80:] == 0).all()


def test_a_photo_without_outlines_keeps_the_mask():
    photo = np.full((64, 64, 3), 100, np.uint8)
    mask = np.zeros((32, 32), np.float32)
    mask[:, 16:] = 1
    found = at_outlines(photo, mask, Grid(64, 64, 1))
    assert (found[:, :22] == 0).all() and (found[:, -22:] == 255).all()
