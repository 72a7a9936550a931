"""Cells over photos whose sides are no multiples of a cell's."""

import numpy as np
import pytest

from ssagan_jax.animation.warping.grids import Grid, ringed

ODD = Grid(height=46, width=61, step=4)


def whole(grid, cells):
    """All tiles, put together."""
    pixels = np.full((grid.height, grid.width, *cells.shape[2:]), np.nan, np.float32)
    for tile in grid.tiles(height=13, width=17):
        pixels[grid.pixels(tile)] = grid.enlarged(cells, tile)
    return pixels


def test_large_photos_have_about_480_cells_small_ones_a_cell_a_pixel():
    assert Grid.of(3000, 4000) == Grid(3000, 4000, 8)
    assert (Grid.of(3000, 4000).rows, Grid.of(3000, 4000).columns) == (375, 500)
    assert Grid.of(100, 60).step == 1
    assert (ODD.rows, ODD.columns) == (12, 16)


def test_cells_are_means():
    photo = np.random.default_rng(0).integers(0, 255, (46, 61, 3)).astype(np.uint8)
    found = ODD.reduced(photo)
    np.testing.assert_allclose(found[2, 3], photo[8:12, 12:16].mean((0, 1)), rtol=1e-5)
    np.testing.assert_allclose(found[-1, 0], photo[44:46, :4].mean((0, 1)), rtol=1e-5)


@pytest.mark.parametrize("step", [1, 4])
def test_without_a_shift_positions_are_the_pixels_own(step):
    grid = Grid(46, 61, step)
    places = whole(grid, grid.positions(np.zeros((grid.rows, grid.columns, 2), np.float32)))
    rows, columns = np.mgrid[:46, :61]
    np.testing.assert_allclose(places, np.stack([columns, rows], -1), atol=1e-4)


def test_a_shift_is_in_cells():
    shift = np.zeros((12, 16, 2), np.float32) + np.array([0.5, -1], np.float32)
    places = whole(ODD, ODD.positions(shift))
    np.testing.assert_allclose(places[10, 20], [22, 6], atol=1e-4)


def test_tiles_are_seamless():
    cells = ringed(np.random.default_rng(1).normal(size=(12, 16, 2)).astype(np.float32))
    at_once = ODD.enlarged(cells, ODD.tiles(height=100, width=100)[0])
    np.testing.assert_allclose(whole(ODD, cells), at_once, atol=1e-6)


def test_a_field_covers_the_photo_not_the_cells():
    ramp = np.linspace(0.5, 60.5, 61, dtype=np.float32)[None].repeat(46, 0)  # pixel + 1/2
    found = ODD.sampled(ramp)
    np.testing.assert_allclose(found[5, :15], 4 * np.arange(15) + 2, atol=1e-3)
    coarse = ODD.sampled(np.array([[0.0, 1.0]], np.float32))
    assert coarse[0, 0] == 0 and coarse[0, -1] == 1
