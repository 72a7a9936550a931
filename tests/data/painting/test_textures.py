import numpy as np
import pytest

from ssagan_jax.data.painting import textures


def rough(seed=0, **options):
    return textures.rough(np.random.default_rng(seed), **{"slope": 1.3, **options})


def test_rough_is_seeded_and_of_unit_deviation():
    texture = rough()
    assert texture.shape == (textures.SIDE, textures.SIDE) and texture.dtype == np.float32
    np.testing.assert_array_equal(texture, rough())
    np.testing.assert_allclose([texture.mean(), texture.std()], [0, 1], atol=1e-4)


def test_rough_has_the_frequencies_asked_for():
    spectrum = np.abs(np.fft.rfft2(rough(slope=0.5, low=8.0, high=20.0)))
    assert spectrum[0, :7].max() < 1e-2 < spectrum[0, 12]
    assert spectrum[0, 21:].max() < 1e-2


@pytest.mark.parametrize(("angle", "axis"), [(0.0, 1), (np.pi / 2, 0)])
def test_stretched_textures_change_less_along_their_direction(angle, axis):
    steps = [np.abs(np.diff(rough(stretch=6.0, angle=angle), axis=a)).mean() for a in (0, 1)]
    assert steps[axis] < 0.5 * steps[1 - axis]


def test_textures_tile():
    texture = textures.finer(textures.billows(rough(), rough(1, low=4.0), 1.0), 0.2)
    assert texture.shape == (2 * textures.SIDE, 2 * textures.SIDE)
    across = np.abs(texture[:, 0] - texture[:, -1]).mean()
    assert across < 2 * np.abs(np.diff(texture, axis=1)).mean()


def test_relief_is_bright_where_it_faces_the_light():
    place = np.arange(64) / 64 * 2 * np.pi
    hill = np.broadcast_to(np.cos(place), (64, 64)).astype(np.float32)  # the top at the left
    lit = textures.relief(hill, 0.0)  # light from the right
    assert lit[0, 8:24].mean() > 0.5 > -0.5 > lit[0, 40:56].mean()


def test_moved_textures_are_of_the_same_values():
    texture = rough()
    moved = textures.moved(np.random.default_rng(1), texture)
    assert (moved != texture).any()
    np.testing.assert_array_equal(np.sort(moved, axis=None), np.sort(texture, axis=None))
