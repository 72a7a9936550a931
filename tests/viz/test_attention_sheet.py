"""Attention drawn over photos."""

import numpy as np

from ssagan_jax.viz import attention_sheet
from ssagan_jax.viz.attention_sheet import _CELL, _HEADER, _MARGIN, _POINT

STEP = _CELL + _MARGIN


def draw(weights, points):
    photos = np.full((len(points), 16, 16, 3), 128, np.uint8)
    return attention_sheet.attention_sheet(
        photos, points, {"encoder1": weights}, gammas={"encoder1": 0.5}
    )


def test_a_row_for_each_point_and_a_column_for_each_level():
    points = np.full((2, 3, 2), 0.5)
    sheet = draw(np.ones((2, 3, 1, 2, 2)), points)
    assert sheet.dtype == np.uint8
    assert sheet.shape == (_HEADER + 6 * STEP, _MARGIN + 2 * STEP, 3)
    assert (sheet[:_HEADER] > 100).any()  # names of the columns


def test_the_largest_weight_is_orange_and_the_point_is_marked():
    weights = np.zeros((1, 1, 2, 2, 2))
    weights[..., 0, 1] = 0.5  # in both frames: above, on the right
    sheet = draw(weights, np.array([[[0.25, 0.25]]]))
    cell = sheet[_HEADER : _HEADER + _CELL, _MARGIN + STEP : _MARGIN + STEP + _CELL].astype(int)
    red, _, blue = cell[_CELL // 4, 3 * _CELL // 4]
    assert red > blue + 100
    assert np.ptp(cell[3 * _CELL // 4, _CELL // 4]) < 10  # grey where no weight lies
    ring = (sheet == _POINT).all(-1)
    for left in (_MARGIN, _MARGIN + STEP):
        corner = ring[_HEADER : _HEADER + _CELL // 2, left : left + _CELL // 2]
        assert corner.sum() > 10
