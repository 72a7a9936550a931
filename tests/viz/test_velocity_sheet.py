import numpy as np

from ssagan_jax.viz.velocity_sheet import velocity_sheet

S, T, CELL, STEP, TOP = 16, 3, 192, 198, 22


def sheet(velocity=(0.0, 0.0), mask=0.0):
    photos = np.full((2, S, S, 3), 100, np.uint8)
    clips = np.stack([photos, photos + 50, photos + 100], axis=1)
    masks = np.full((2, S, S), mask, np.float32)
    return velocity_sheet(photos, masks, np.tile(np.float32(velocity), (2, S, S, 1)), clips)


def cell(picture, row, column):
    left = 6 + STEP * column
    return picture[TOP + STEP * row : TOP + STEP * row + CELL, left : left + CELL]


def orange(picture):
    return (picture == (255, 140, 0)).all(-1)


def test_a_row_for_each_photo():
    found = sheet(mask=0.5)
    assert found.shape == (TOP + 2 * STEP, 6 + 5 * STEP, 3) and found.dtype == np.uint8
    for row in (0, 1):
        levels = [int(np.median(cell(found, row, column))) for column in range(5)]
        assert levels == [100, 128, 50, 150, 200]


def test_arrows_go_where_the_content_goes():
    still, right = (orange(cell(sheet(v), 0, 2)) for v in ((0, 0), (0.02, 0)))
    assert still.sum() == 81  # a point each
    rows, columns = np.nonzero(right)
    # From the centre of the first cell, a ninth wide, 2 frames of 0.02 to the right.
    assert columns.min() >= CELL / 18 - 2 and columns.max() <= CELL * (17 / 18 + 0.04) + 1
    assert right.sum() > 81 * 8
    down = orange(cell(sheet((0, 0.02)), 0, 2))
    assert np.nonzero(down)[0].max() == columns.max() and rows.max() < np.nonzero(down)[0].max()
