import numpy as np
import pytest

from ssagan_jax.data.painting import clouds


@pytest.mark.parametrize("name", clouds.KINDS)
def test_a_tile_of_clouds(name):
    tile = clouds.clouds(np.random.default_rng(0), name, -1.0)
    assert tile.dtype == np.float32 and tile.shape[2] == 2
    assert tile.min() >= 0 and tile.max() <= 1
    np.testing.assert_array_equal(tile, clouds.clouds(np.random.default_rng(0), name, -1.0))
    lowest, highest = clouds.KINDS[name].cover
    assert 0.4 * lowest < (tile[..., 0] > 0.1).mean() <= min(1.0, 1.6 * highest + 0.1)


def test_every_kind_is_drawn():
    rng = np.random.default_rng(0)
    assert {clouds.draw_kind(rng) for _ in range(300)} == set(clouds.KINDS)
