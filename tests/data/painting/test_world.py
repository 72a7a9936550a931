import numpy as np
import pytest

from ssagan_jax.data.painting import world
from ssagan_jax.data.painting.airs import Moving

TIMES = np.array([0, 4, 8], np.float32)


def paint(seed, size=32, times=TIMES):
    return world.paint_clip(np.random.default_rng(seed), size=size, times=times)


def test_a_clip_is_seeded():
    clip, wind = paint(1)
    assert clip.shape == (3, 32, 32, 3) and clip.dtype == np.uint8
    assert wind.shape == (2,) and wind.dtype == np.float32
    again, same = paint(1)
    np.testing.assert_array_equal(clip, again)
    np.testing.assert_array_equal(wind, same)
    assert (clip != paint(2)[0]).any()


@pytest.mark.parametrize("kind", world.KINDS)
def test_kinds(kind, monkeypatch):
    monkeypatch.setattr(world, "draw_kind", lambda rng: kind)
    monkeypatch.setattr(world.camera, "taken", lambda rng, clip: (clip * 127).astype(np.uint8))
    winds = []
    for seed in range(5):
        clip, wind = paint(seed)
        if kind == "still":
            np.testing.assert_array_equal(clip[0], clip[-1])
        winds.append(wind)
    winds = np.array(winds)
    speeds = np.hypot(*winds.T)
    expected = {"still": speeds > 0.001, "waterfall": winds[:, 1] >= 0, "landscape": speeds < 0.03}
    assert expected[kind].all() and speeds.any()


def test_the_wind_is_that_of_the_first_thing_that_moves():
    whole, corner = np.ones((8, 8)), np.zeros((8, 8))
    corner[0, :2] = 1
    right, down = np.full((8, 8, 2), (0.01, 0.0)), np.full((8, 8, 2), (0.0, 0.02))
    clouds, waves = Moving(whole, right), Moving(whole, down)
    np.testing.assert_allclose(world.wind_of([clouds, waves]), [0.01, 0])
    np.testing.assert_allclose(world.wind_of([Moving(corner, right), waves]), [0, 0.02])
    np.testing.assert_array_equal(world.wind_of([Moving(corner, right)]), [0, 0])


def test_any_wind_has_any_direction():
    rng = np.random.default_rng(0)
    winds = np.array([world.any_wind(rng) for _ in range(20)])
    speeds = np.hypot(*winds.T)
    assert (speeds > 0.001).all() and (speeds < 0.021).all()
    assert len({(bool(x > 0), bool(y > 0)) for x, y in winds}) == 4
