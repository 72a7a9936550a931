from dataclasses import replace

import numpy as np
import pytest

from ssagan_jax.data.painting import buildings
from ssagan_jax.data.painting.canvas import Brush
from tests.helpers.painting import check_layer, scene


@pytest.mark.parametrize("seed", range(6))
def test_buildings(seed):
    rng, light, grains, line = scene(seed)
    check_layer(buildings.skyline(rng, light, grains, line))
    check_layer(buildings.canyon(rng, light, grains))
    check_layer(buildings.house(rng, light, grains, (0.5, 0.8), 0.2))


def test_windows_are_lit_by_night():
    """By day the same town has no lamp."""
    _, light, _, line = scene(0)
    light = replace(light, land=np.full(3, 0.02, np.float32), horizon=0 * light.horizon)
    bright = {}
    for kind in ("night", "noon"):
        rng, _, grains, _ = scene(1)
        layer = buildings.skyline(
            rng, replace(light, kind=kind, horizon=0 * light.horizon), grains, line
        )
        bright[kind] = (layer[..., 0] > 0.4).sum()
    assert bright["noon"] == 0 < bright["night"]


def test_a_block_stands_in_its_box():
    brush = Brush()
    buildings.block(np.random.default_rng(3), brush, np.full(3, 0.5), (0.4, 0.5, 0.6, 1.0), 0.0)
    cover = brush.layer()[..., 3]
    assert cover[100:, 80:112].min() == 1 and not cover[:, :70].any()
