import pytest

from ssagan_jax.data.painting import foregrounds
from tests.helpers.painting import check_layer, scene


@pytest.mark.parametrize("seed", range(6))
def test_foregrounds(seed):
    rng, light, grains, _ = scene(seed)
    check_layer(foregrounds.window(rng, light, grains))
    check_layer(foregrounds.cliffs(rng, light, grains))
    check_layer(foregrounds.portrait(rng, light, grains))
    check_layer(foregrounds.near_blobs(rng, light))
    check_layer(foregrounds.edges(rng))
    check_layer(foregrounds.label(rng))


def test_a_window_is_a_frame_around_a_view():
    for seed in range(5):
        rng, light, grains, _ = scene(seed)
        cover = foregrounds.window(rng, light, grains)[..., 3]
        assert cover[[0, -1]].min() == cover[:, [0, -1]].min() == 1
        assert (cover == 0).mean() > 0.1
