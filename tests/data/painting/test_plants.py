import numpy as np
import pytest

from ssagan_jax.data.painting import plants
from ssagan_jax.data.painting.canvas import SIDE, Brush
from tests.helpers.painting import check_layer, scene


@pytest.mark.parametrize("seed", range(5))
def test_plants(seed):
    rng, light, grains, line = scene(seed)
    check_layer(plants.forest(rng, light, grains, line))
    check_layer(plants.tree(rng, light, grains, (0.5, 0.8), 0.5))
    check_layer(plants.twigs(rng, light))
    check_layer(plants.grass(rng, light))
    check_layer(plants.canopy(rng, light, grains))


def test_a_tree_stands_on_its_foot():
    for seed in range(8):
        rng, light, grains, _ = scene(seed)
        cover = plants.tree(rng, light, grains, (0.5, 0.8), 0.5)[..., 3]
        rows = np.flatnonzero(cover.max(1) > 0.5) / SIDE
        assert rows.max() < 0.85 and rows.min() > 0.05
        assert 0.05 < rows.max() - rows.min() < 0.8


def test_a_limb_ends_in_tips():
    tips = []
    rng = np.random.default_rng(0)
    plants.limb(rng, Brush(), np.zeros(3), (0.5, 0.9), -np.pi / 2, 0.2, 0.02, tips, depth=3)
    assert 8 <= len(tips) <= 27
