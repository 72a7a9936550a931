from dataclasses import replace

import numpy as np
import pytest

from ssagan_jax.data.painting import drift, textures
from tests.helpers.painting import drifted

TIMES = np.arange(5, dtype=np.float32)


def texture():
    return textures.rough(np.random.default_rng(0), slope=1.2, low=2.0, high=24.0)


@pytest.mark.parametrize("wind", [(3, 0), (-2, 1), (0, -4)])
def test_a_flat_texture_is_rolled(wind):
    """At one tile a picture: in a frame by whole pixels, and nothing is lost."""
    surface = drift.flat(64, tiles=1.0)
    surface = replace(surface, speed=tuple(np.array(wind) / 64))
    clip = drift.carried(texture(), surface, TIMES)
    assert clip.shape == (5, 64, 64)
    for time, frame in enumerate(clip):
        moved = np.roll(clip[0], (wind[1] * time, wind[0] * time), (0, 1))
        np.testing.assert_allclose(frame, moved, atol=1e-3)
    np.testing.assert_allclose(drift.motion(surface), np.full((64, 64, 2), wind) / 64, atol=1e-5)


def test_the_motion_of_a_turned_texture():
    surface = replace(drift.flat(64, tiles=0.5, turn=0.7), speed=(0.01, 0.004))
    right, down = drift.motion(surface)[32, 32] * 64 * 8
    clip = drift.carried(texture(), surface, np.array([0, 8], np.float32))
    np.testing.assert_allclose(drifted(clip[:, 8:-8, 8:-8]), [right, down], atol=1.0)


def test_the_motion_on_a_plane_in_perspective():
    """Far things are slower, and what comes nearer grows apart, away from the horizon."""
    level = np.full((64, 64), 0.9, np.float32)
    surface = drift.plane(64, level, tiles=0.4, height=0.2)
    across = drift.motion(replace(surface, speed=(0.01, 0.0)))
    assert (across[:57, :, 0] > 0).all() and np.abs(across[..., 1]).max() < 1e-3
    assert across[2, 32, 0] > 2 * across[50, 32, 0]
    nearer = drift.motion(replace(surface, speed=(0.0, -0.01)))
    assert (nearer[1:50, :, 1] < 0).all()
    assert nearer[2, 60, 0] > 0 > nearer[2, 3, 0]


def test_what_moves_follows_the_motion():
    """A patch high in the sky goes where ``motion`` says."""
    level = np.full((96, 96), 1.0, np.float32)
    surface = replace(drift.plane(96, level, tiles=0.4, height=0.3), speed=(0.012, 0.004))
    clip = drift.carried(texture(), surface, np.array([0, 3], np.float32))[:, 20:52, 32:64]
    expected = drift.motion(surface)[20:52, 32:64].mean((0, 1)) * 96 * 3
    np.testing.assert_allclose(drifted(clip), expected, atol=1.2)


def test_the_same_at_two_sizes():
    small, large = (
        drift.carried(texture(), drift.flat(size, tiles=0.8), TIMES[:1])[0] for size in (64, 128)
    )
    halved = large.reshape(64, 2, 64, 2).mean((1, 3))
    assert np.corrcoef(halved.ravel(), small.ravel())[0, 1] > 0.99


def test_channels_and_tiny_pictures():
    two = np.stack([texture(), -texture()], -1)
    for size in (1, 2, 5):
        clip = drift.carried(two, drift.flat(size, tiles=1.0), TIMES)
        assert clip.shape == (5, size, size, 2)
        np.testing.assert_allclose(clip[..., 0], -clip[..., 1], atol=1e-6)
    assert not drift.motion(drift.flat(1, tiles=1.0)).any()
