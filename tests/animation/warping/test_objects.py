"""Small things within the sky that do not drift with it."""

import cv2
import numpy as np

from ssagan_jax.animation.warping.objects import beside

ROWS, COLUMNS = np.mgrid[:240, :320]
EVERYWHERE = np.full((240, 320), 255, np.uint8)


def sky(*colour):
    return np.zeros((240, 320, 3), np.uint8) + np.array(colour, np.uint8)


def test_the_sun_stands_and_white_clouds_move():
    photo = sky(240, 160, 90)
    photo[20:40, 200:280] = 255  # a cloud as white as the sun
    cv2.circle(photo, (90, 80), 12, (255, 255, 255), -1)
    found = beside(photo, EVERYWHERE)
    sun = np.hypot(ROWS - 80, COLUMNS - 90)
    assert (found[sun <= 12] == 0).all() and (found[sun > 17] == 255).all()


def test_a_kite_stands_as_a_whole():
    photo = sky(40, 90, 170)
    photo[100:112, 100:106] = [220, 30, 30]
    photo[100:112, 106:110] = [40, 60, 190]  # nearly the sky's
    photo[100:112, 110:114] = [230, 220, 40]
    cv2.line(photo, (100, 111), (113, 111), (220, 30, 30), 1)
    found = beside(photo, EVERYWHERE)
    assert (found[100:112, 100:114] == 0).all() and (found[:, 125:] == 255).all()


def test_a_sunset_of_many_colours_moves_and_ground_does_not_count():
    share = (COLUMNS / 320)[..., None]
    photo = (share * [250, 140, 40] + (1 - share) * [70, 90, 160]).astype(np.uint8)
    photo[60:90, 60:160] = [240, 190, 120]  # a cloud
    photo[200:, 100:120] = [20, 200, 30]
    alpha = np.where(ROWS < 200, 255, 0).astype(np.uint8)
    np.testing.assert_array_equal(beside(photo, alpha), EVERYWHERE)
    np.testing.assert_array_equal(beside(photo, 0 * alpha), EVERYWHERE)
