import numpy as np
import pytest

from ssagan_jax.data.painting import walls
from ssagan_jax.data.painting.canvas import SIDE
from tests.helpers.painting import scene

KINDS = (
    walls.flat,
    walls.gradient,
    walls.texture,
    walls.bricks,
    walls.stripes,
    walls.front,
    walls.thicket,
    walls.bokeh,
    walls.shapes,
)


@pytest.mark.parametrize("paint", KINDS)
def test_a_picture(paint):
    for seed in range(3):
        rng, light, grains, _ = scene(seed)
        picture = np.asarray(paint(rng, light, grains))
        assert picture.shape == (SIDE, SIDE, 3) and np.isfinite(picture).all()
        if paint is not walls.flat:
            assert picture.std((0, 1)).max() > 1e-3


def test_pictures_are_seeded_and_in_range():
    _, light, grains, _ = scene(0)
    pictures = [walls.draw_picture(np.random.default_rng(i), light, grains) for i in (1, 1, 2)]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert (pictures[0] != pictures[2]).any()
    assert all(p.min() >= 0 and p.max() <= 1 and p.dtype == np.float32 for p in pictures)


def test_colours_are_of_every_lightness():
    rng = np.random.default_rng(0)
    tones = np.array([walls.any_colour(rng) for _ in range(300)])
    assert (tones.mean(1) < 0.2).any() and (tones.mean(1) > 0.8).any()
    assert 0.3 < (tones.std(1) < 1e-6).mean() < 0.7  # greys
