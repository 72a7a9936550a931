import numpy as np
import pytest

from ssagan_jax.data.painting import mists
from tests.helpers.painting import scene

LEVEL = np.full((48, 48), 0.6, np.float32)


@pytest.mark.parametrize("paint", [mists.fog, mists.smoke])
def test_a_veil_in_front(paint):
    """It changes the picture where it is said to be, hardly elsewhere, and moves."""
    for seed in range(6):
        rng, light, _, _ = scene(seed)
        before = np.full((4, 48, 48, 3), 0.02, np.float32)
        clip, moving = paint(rng, before, light, LEVEL, np.arange(4, dtype=np.float32))
        assert clip.shape == before.shape and np.isfinite(clip).all()
        change = np.abs(clip - before).max((0, 3))
        assert change[moving.share < 0.5].mean() < 0.06
        assert moving.share.any() and np.isfinite(moving.motion).all()


def test_smoke_rises():
    for seed in range(6):
        rng, light, _, _ = scene(seed)
        clip = np.zeros((2, 48, 48, 3), np.float32)
        _, moving = mists.smoke(rng, clip, light, LEVEL, np.arange(2, dtype=np.float32))
        assert moving.motion[moving.share > 0.5][:, 1].max() < 0
