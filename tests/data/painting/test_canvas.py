import numpy as np

from ssagan_jax.data.painting import canvas
from ssagan_jax.data.painting.canvas import SIDE
from tests.helpers.painting import check_layer

RED = (1.0, 0.0, 0.0)


def test_places_are_the_middles_of_pixels():
    x, y = canvas.places(4)
    np.testing.assert_allclose(x[0], [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_array_equal(y, x.T)


def test_a_layer_over_another():
    below = canvas.tinted((0.0, 0.0, 1.0), np.ones((SIDE, SIDE), np.float32))
    half = canvas.tinted(RED, np.full((SIDE, SIDE), 0.5, np.float32))
    np.testing.assert_allclose(canvas.over(below, half)[0, 0], [0.5, 0, 0.5, 1])
    np.testing.assert_array_equal(canvas.over(below, canvas.blank()), below)


def test_a_box_covers_its_share_in_its_colour():
    brush = canvas.Brush()
    brush.box(0.25, 0.5, 0.75, 1.5, RED)
    layer = brush.layer()
    check_layer(layer)
    assert abs(layer[..., 3].mean() - 0.25) < 0.01
    np.testing.assert_allclose(layer[SIDE * 3 // 4, SIDE // 2], [1, 0, 0, 1])
    assert not layer[SIDE // 4].any()


def test_ellipses_and_lines():
    brush = canvas.Brush()
    brush.ellipse((0.5, 0.5), (0.4, 0.2), RED)
    assert abs(brush.layer()[..., 3].mean() - np.pi * 0.08) < 0.02
    thin = canvas.Brush()
    thin.line([(0, 0.5), (1, 0.5)], RED, 0.0001)
    assert 0.5 < thin.layer()[..., 3].sum() / SIDE < 3


def test_below_a_line():
    matte = canvas.below_line(np.full(SIDE, 0.25, np.float32))
    assert matte[SIDE // 2].all() and not matte[SIDE // 8].any()


def test_texture_stays_within_the_cover():
    layer = canvas.tinted((0.9, 0.9, 0.9), np.full((SIDE, SIDE), 0.5, np.float32))
    noise = np.random.default_rng(0).standard_normal((SIDE, SIDE), np.float32)
    rough = canvas.textured(layer, noise, 0.5)
    check_layer(rough)
    assert rough[..., 0].std() > 0.03
    assert (rough[..., :3] <= 0.5).all()
    assert canvas.blurred(rough, 0.02)[..., 0].std() < 0.02


def test_scaling_keeps_the_mean():
    layer = np.random.default_rng(0).random((SIDE, SIDE, 4)).astype(np.float32)
    for size in (16, 64, 300):
        small = canvas.scaled(layer, size)
        assert small.shape == (size, size, 4)
        assert abs(small.mean() - layer.mean()) < 0.01
