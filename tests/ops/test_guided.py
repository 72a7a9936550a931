"""The guided filter, against sums done by hand and what it is for."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops import guided
from tests.helpers.stubs import quick_jit

fit = quick_jit(guided.fit, static_argnames=("radius", "epsilon"))
box_mean = quick_jit(guided.box_mean, static_argnames="radius")
enlarge = quick_jit(guided.enlarge, static_argnames=("size", "rows"))


def test_luminance():
    pixels = jnp.array([[255, 255, 255], [0, 255, 0], [0, 0, 0]], jnp.uint8)
    np.testing.assert_allclose(guided.luminance(pixels), [1, 0.7152, 0], atol=1e-6)


@pytest.mark.parametrize("radius", [1, 3])
def test_box_mean_is_the_mean_of_the_window_within_the_picture(radius):
    x = np.random.default_rng(0).normal(size=(7, 6, 2))
    found = box_mean(x, radius=radius)
    for i, j in ((0, 0), (3, 2), (6, 5), (0, 4)):
        window = x[max(0, i - radius) : i + radius + 1, max(0, j - radius) : j + radius + 1]
        np.testing.assert_allclose(found[i, j], window.mean((0, 1)), atol=1e-6)


def test_the_fit_is_exact_at_the_coarse_size():
    draw = np.random.default_rng(1)
    guide, change = draw.uniform(size=(16, 16)), draw.normal(size=(16, 16, 3))
    slope, offset = fit(jnp.asarray(guide), jnp.asarray(change))
    np.testing.assert_allclose(slope * guide[..., None] + offset, change, atol=1e-5)


def test_a_change_that_follows_the_guide_has_its_slope_and_flat_guides_have_none():
    guide = jnp.asarray(np.random.default_rng(2).uniform(size=(16, 16)))
    slope, _ = fit(guide, 30 * guide[..., None], epsilon=1e-6)
    np.testing.assert_allclose(slope, 30, rtol=1e-3)
    halved, _ = fit(guide, 30 * guide[..., None], epsilon=0.08)
    assert float(halved.max()) < 20
    flat, _ = fit(jnp.full((16, 16), 0.5), jnp.ones((16, 16, 3)))
    np.testing.assert_allclose(flat, 0, atol=1e-5)


def test_enlarge_is_linear_between_centres_and_constant_beyond():
    plane = jnp.asarray([[[0.0, 4.0]]])
    found = enlarge(plane, size=(2, 8), first=0, rows=2)
    np.testing.assert_allclose(found[0, 0], [0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4], atol=1e-6)
    np.testing.assert_array_equal(found[0, 0], found[0, 1])


def test_enlarge_makes_any_rows_of_the_whole():
    planes = np.random.default_rng(3).normal(size=(2, 5, 4))
    whole = enlarge(jnp.asarray(planes), size=(23, 17), first=0, rows=23)
    part = enlarge(jnp.asarray(planes), size=(23, 17), first=9, rows=6)
    assert whole.shape == (2, 23, 17)
    np.testing.assert_allclose(part, whole[:, 9:15], atol=1e-6)


def test_soft_threshold_shortens_by_the_largest_channel():
    channels = guided.soft_threshold(
        (jnp.array([0.5, -4.0]), jnp.array([-1.0, 2.0]), jnp.array([0.0, 0.0])), threshold=1.0
    )
    np.testing.assert_allclose(np.stack(channels), [[0, -3], [0, 1.5], [0, 0]], atol=1e-6)
