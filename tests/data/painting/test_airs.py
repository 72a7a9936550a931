import numpy as np
import pytest

from ssagan_jax.data.painting import airs, drift, skies

LEVEL = np.full((48, 48), 1.2, np.float32)


def sky(seed, frames=4):
    rng = np.random.default_rng(seed)
    light = skies.draw_light(rng, 1.2)
    return airs.sky(rng, light, LEVEL, 48, np.arange(frames, dtype=np.float32))


def test_only_what_is_said_to_move_does():
    for seed in range(12):
        clip, moving = sky(seed)
        assert clip.shape == (4, 48, 48, 3) and clip.dtype == np.float32
        assert moving.share.shape == (48, 48) and moving.motion.shape == (48, 48, 2)
        change = np.abs(clip[-1] - clip[0]).max(-1)
        still = ~np.hypot(*np.moveaxis(moving.motion, -1, 0)).astype(bool) | (moving.share < 0.5)
        if still.any():
            assert change[still].mean() < 0.02


def test_speeds():
    rng = np.random.default_rng(0)
    speeds = np.array([airs.draw_speed(rng) for _ in range(2000)])
    assert speeds.min() >= 0.001 and speeds.max() <= 0.02
    assert ((speeds > 0.003) & (speeds < 0.012)).mean() > 0.6


def test_directions_are_of_every_kind_and_mostly_level():
    rng = np.random.default_rng(0)
    angles = np.array([airs.draw_direction(rng) for _ in range(2000)])
    counts = np.histogram(np.cos(angles), [-1.01, -0.9, 0, 0.9, 1.01])[0]
    assert counts.min() > 200 and counts[[0, 3]].sum() > 1000


@pytest.mark.parametrize("perspective", [False, True])
def test_a_surface_blows_as_fast_as_asked(perspective):
    surface = (
        drift.plane(48, LEVEL, tiles=0.5, height=0.3) if perspective else drift.flat(48, tiles=0.5)
    )
    field = drift.motion(airs.blown(surface, 0.0, 0.01))
    assert (field[..., 0] > 0).all()
    assert abs(np.quantile(np.hypot(field[..., 0], field[..., 1]), 0.95) - 0.01) < 1e-4
