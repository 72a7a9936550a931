"""A sky completed behind what stands before it."""

import numpy as np

from ssagan_jax.animation.warping.grids import Grid
from ssagan_jax.animation.warping.layers import completed


def with_mast():
    """A sky that brightens to the right, a dark mast before it and dark ground."""
    columns = np.mgrid[:120, :160][1]
    photo = np.stack([80 + columns // 2, 120 + columns // 2, 200 + 0 * columns], -1)
    alpha = np.full((120, 160), 255, np.uint8)
    alpha[:, 76:84] = alpha[90:] = 0
    photo[alpha == 0] = 10
    return photo.astype(np.uint8), alpha


def test_what_stands_before_the_sky_is_gone():
    photo, alpha = with_mast()
    found = completed(photo, alpha, Grid(120, 160, 1)).astype(int)
    assert (found[:, :, 2] > 190).all()
    assert np.abs(found[:88, 70:90, 0] - (80 + np.arange(70, 90) // 2)).max() < 8


def test_what_is_painted_moves_however_small_and_nothing_else():
    photo, alpha = with_mast()
    alpha[:, 100:] = alpha[:, :60] = 0
    alpha[20:60, 120:140] = 255
    found = completed(photo, alpha, Grid(120, 160, 1), island=0).astype(int)
    assert (found[:, :, 2] > 190).all()  # neither the mast nor the ground is in it
    np.testing.assert_array_equal(found[25:55, 125:135], photo[25:55, 125:135])


def test_far_from_outlines_it_is_the_photo_itself():
    photo, alpha = with_mast()
    found = completed(photo, alpha, Grid(120, 160, 2))
    np.testing.assert_array_equal(found[:80, :68], photo[:80, :68])


def test_texture_goes_on_behind():
    noise = np.random.default_rng(0).integers(0, 80, (120, 160, 1)).repeat(3, 2).astype(np.uint8)
    alpha = np.full((120, 160), 255, np.uint8)
    alpha[60:] = 0
    photo = np.where(alpha[..., None] > 0, noise + 100, 0).astype(np.uint8)
    found = completed(photo, alpha, Grid(120, 160, 1)).astype(float)
    assert found[68:90].std() > 0.8 * found[:50].std()


def test_with_hardly_any_sky_there_is_a_layer():
    photo, alpha = with_mast()
    alpha[:] = 0
    alpha[10, 10] = 255
    assert completed(photo, alpha, Grid(120, 160, 4)).shape == photo.shape


def test_islands_of_what_passes_for_sky_do_not_fly():
    photo, alpha = with_mast()
    alpha[100:110, 20:30] = 255
    photo[100:110, 20:30] = 250
    found = completed(photo, alpha, Grid(120, 160, 1)).astype(int)
    assert np.abs(found[95:115, 15:35, 0] - 90).max() < 15
