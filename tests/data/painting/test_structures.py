import numpy as np
import pytest

from ssagan_jax.data.painting import structures
from ssagan_jax.data.painting.canvas import SIDE
from tests.helpers.painting import check_layer, scene

PAINTERS = {
    "boat": lambda s: structures.boat(s.rng, s.light, (0.5, 0.7), 0.3),
    "bridge": lambda s: structures.bridge(s.rng, s.light, 0.6),
    "pier": lambda s: structures.pier(s.rng, s.light, 0.6),
    "masts": lambda s: structures.masts(s.rng, s.light, 0.8),
    "fence": lambda s: structures.fence(s.rng, s.light, 0.6),
    "car": lambda s: structures.car(s.rng, s.light, (0.5, 0.8), 0.3),
    "people": lambda s: structures.people(s.rng, s.light, 0.9),
    "rocks": lambda s: structures.rocks(s.rng, s.light, s.grains, 0.6),
}


@pytest.mark.parametrize("name", PAINTERS)
def test_things(name):
    for seed in range(5):
        check_layer(PAINTERS[name](scene(seed)))


def test_a_bridge_reaches_from_side_to_side():
    for seed in range(5):
        cover = PAINTERS["bridge"](scene(seed))[..., 3]
        assert (cover[:, [0, -1]].max(0) > 0.9).all()


def test_a_pier_leads_away_from_the_viewer():
    cover = PAINTERS["pier"](scene(0))[..., 3]
    wide = (cover > 0.5).sum(1)
    assert wide[-1] > 2 * wide[int(0.8 * SIDE)] > 0


def test_dark_is_dark():
    _, light, _, _ = scene(0)
    rng = np.random.default_rng(0)
    assert all((structures.dark(rng, light) <= 0.8 * light.land + 0.01).all() for _ in range(20))
