import numpy as np
import pytest

from ssagan_jax.data.painting import lands
from ssagan_jax.data.painting.canvas import SIDE
from tests.helpers.painting import check_layer, scene


def test_materials():
    rng = np.random.default_rng(0)
    for name in lands.MATERIALS:
        colour, grain, contrast = lands.draw_material(rng, name)
        assert colour.shape == (3,) and colour.min() > 0 and colour.max() <= 1
        assert contrast > 0 and hasattr(scene(0).grains, grain)
    tones = [lands.draw_material(rng)[0].mean() for _ in range(200)]
    assert min(tones) < 0.2 and max(tones) > 0.85  # dark woods and snow


def test_a_piece_of_a_grain():
    rng, _, grains, _ = scene(0)
    assert grains.piece(rng, "fine").shape == (SIDE, SIDE)
    assert (grains.piece(rng, "fine") != grains.piece(rng, "fine")).any()


def test_a_level_line_tilts():
    line = lands.level_line(0.5, 0.1)
    assert abs(line[0] - 0.45) < 0.01 and abs(line[-1] - 0.55) < 0.01


@pytest.mark.parametrize("seed", range(6))
def test_far_land_rises_above_the_horizon(seed):
    rng, light, grains, line = scene(seed)
    layer = lands.far_land(rng, light, grains, line)
    if layer.any():
        check_layer(layer)
        assert layer[: int(0.6 * SIDE), :, 3].any()
        assert layer[-1, :, 3].min() > 0.99
        assert not layer[0, :, 3].all()
