"""Thin things before the sky."""

import cv2
import numpy as np

from ssagan_jax.animation.warping.standing import without_thin

ROWS, COLUMNS = np.mgrid[:240, :320]


def scene():
    """A sky with a dark ground, which moves above row 180."""
    photo = np.zeros((240, 320, 3), np.uint8) + np.array([90, 140, 220], np.uint8)
    photo[180:] = 30
    return photo, np.where(ROWS < 180, 255, 0).astype(np.uint8)


def test_a_mast_and_a_wire_stand():
    photo, alpha = scene()
    photo[60:180, 100:104] = 25
    cv2.line(photo, (160, 0), (319, 60), (40, 40, 40), 2)
    found = without_thin(photo, alpha)
    assert (found[62:178, 101:103] == 0).all()
    assert (found[photo[..., 2] == 40] < 128).mean() > 0.9
    assert (found[80:170, 110:160] == 255).all()
    assert (found[alpha == 0] == 0).all()


def test_clouds_move():
    photo, alpha = scene()
    photo[40:70, 60:150] = 90  # dark, but wide
    photo[100:103, 200:260] = [80, 120, 180]  # thin, but not that dark
    photo[120:123, 200:230] = 20  # a bird: it hangs in the air
    np.testing.assert_array_equal(without_thin(photo, alpha), alpha)


def test_at_night_too():
    photo, alpha = scene()
    photo = (photo // 5).astype(np.uint8)
    photo[60:180, 100:104] = 4
    found = without_thin(photo, alpha)
    assert (found[62:178, 101:103] < 60).all() and (found[80:170, 110:300] == 255).all()


def clouds(height=240, width=320):
    """A blue sky with soft white clouds, uint8 [height, width, 3]."""
    noise = np.random.default_rng(0).random((height, width)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 8)
    soft = np.clip(0.5 + (soft - soft.mean()) / (4 * soft.std()), 0, 1)[..., None]
    return (soft * [215, 218, 222] + (1 - soft) * [70, 120, 200]).astype(np.uint8)


def test_a_pale_rope_before_clouds_stands_and_nothing_else():
    photo, (_, alpha) = clouds(), scene()
    free = without_thin(photo, alpha)
    np.testing.assert_array_equal(free, alpha)
    cv2.line(photo, (60, 180), (220, 0), (250, 245, 225), 1)
    photo[180:] = 30
    rope = (photo == [250, 245, 225]).all(axis=-1)
    found = without_thin(photo, alpha)
    assert (found[rope] == 0).all()
    far = cv2.dilate(rope.astype(np.uint8), np.ones((11, 11), np.uint8)) == 0
    np.testing.assert_array_equal(found[far], alpha[far])


def test_lines_that_hang_in_the_air_or_are_soft_move():
    photo, alpha = scene()
    cv2.line(photo, (60, 60), (160, 90), (250, 245, 225), 2)  # a trail of an aircraft
    streak = np.exp(-(((ROWS - COLUMNS / 4 - 60) / 9) ** 2))[..., None]  # a wisp, to the border
    photo[:180] = (photo + streak * (200 - photo.astype(float)))[:180]
    np.testing.assert_array_equal(without_thin(photo, alpha), alpha)


def test_in_a_small_photo_no_lines_are_looked_for():
    """There they are as narrow as the edges of clouds, which in sharp photos stand out as much."""
    photo = clouds(120, 160)
    alpha = np.where(np.arange(120) < 110, 255, 0).astype(np.uint8)[:, None].repeat(160, axis=1)
    cv2.line(photo, (40, 115), (130, 0), (250, 245, 225), 1)
    assert (without_thin(photo, alpha)[:100] == 255).all()
    large, alpha = (
        cv2.resize(x, (320, 240), interpolation=cv2.INTER_NEAREST) for x in (photo, alpha)
    )
    assert (without_thin(large, alpha)[:200] == 0).any()
