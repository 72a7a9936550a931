import numpy as np
import pytest

from ssagan_jax.data.painting import world
from ssagan_jax.data.painting.airs import Moving

TIMES = np.array([0, 4, 8], np.float32)


def paint(seed, size=32, times=TIMES):
    return world.paint_clip(np.random.default_rng(seed), size=size, times=times)


def test_a_clip_is_seeded():
    painted = paint(1)
    assert painted["clip"].shape == (3, 32, 32, 3) and painted["clip"].dtype == np.uint8
    assert painted["wind"].shape == (2,) and painted["wind"].dtype == np.float32
    assert painted["moving"].shape == (32, 32) and painted["moving"].dtype == np.float32
    for name, again in paint(1).items():
        np.testing.assert_array_equal(painted[name], again)
    assert (painted["clip"] != paint(2)["clip"]).any()


@pytest.mark.parametrize("kind", world.KINDS)
def test_kinds(kind, monkeypatch):
    monkeypatch.setattr(world, "draw_kind", lambda rng: kind)
    monkeypatch.setattr(world.camera, "taken", lambda rng, clip: (clip * 127).astype(np.uint8))
    winds = []
    for seed in range(5):
        painted = paint(seed)
        if kind == "still":
            np.testing.assert_array_equal(painted["clip"][0], painted["clip"][-1])
            assert not painted["moving"].any()
        if kind == "still" or np.nansum(painted["moving"]):
            winds.append(painted["wind"])
    winds = np.array(winds)
    speeds = np.hypot(*winds.T)
    expected = {"still": speeds > 0.001, "waterfall": winds[:, 1] >= 0, "landscape": speeds < 0.03}
    assert expected[kind].all() and speeds.any()


WHOLE, CORNER = np.ones((8, 8), np.float32), np.zeros((8, 8), np.float32)
CORNER[0, :2] = 1
RIGHT, DOWN, NOWHERE = (np.full((8, 8, 2), motion) for motion in ((0.01, 0), (0, 0.02), (0.0, 0.0)))


@pytest.mark.parametrize(
    ("moving", "wind", "share"),
    [
        ([(WHOLE, RIGHT)], (0.01, 0), WHOLE),
        ([(WHOLE, RIGHT), (CORNER, DOWN)], (0.01, 0), np.where(CORNER, np.nan, WHOLE)),
        ([(CORNER, RIGHT), (1 - CORNER, DOWN)], (0, 0.02), np.where(CORNER, np.nan, WHOLE)),
        ([(CORNER, NOWHERE), (1 - CORNER, DOWN)], (0, 0.02), np.where(CORNER, np.nan, WHOLE)),
        ([(WHOLE / 2, DOWN)], None, np.full((8, 8), np.nan)),
        ([(WHOLE, NOWHERE)], None, np.full((8, 8), np.nan)),
        ([], None, 0 * WHOLE),
    ],
    ids=["clouds", "smoke", "few clouds over water", "clear sky", "thin fog", "clear", "wall"],
)
def test_the_wind_is_that_of_the_first_thing_that_moves(moving, wind, share):
    moving = [Moving(*what) for what in moving]
    rng = np.random.default_rng(0)
    expected = world.any_wind(np.random.default_rng(0)) if wind is None else wind
    np.testing.assert_allclose(world.wind_of(moving, rng), expected, rtol=1e-5)
    np.testing.assert_array_equal(world.share_of(moving, 8), share)


def test_any_wind_has_any_direction():
    rng = np.random.default_rng(0)
    winds = np.array([world.any_wind(rng) for _ in range(20)])
    speeds = np.hypot(*winds.T)
    assert (speeds > 0.001).all() and (speeds < 0.021).all()
    assert len({(bool(x > 0), bool(y > 0)) for x, y in winds}) == 4
