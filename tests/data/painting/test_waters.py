import numpy as np

from ssagan_jax.data.painting import waters
from tests.helpers.painting import drifted, scene

SIZE = 48
LEVEL = np.full((SIZE, SIZE), 0.4, np.float32)


def paint(seed, above=None):
    rng, light, _, _ = scene(seed)
    above = np.full((5, SIZE, SIZE, 3), 0.5, np.float32) if above is None else above
    return waters.water(rng, light, LEVEL, above, np.arange(5, dtype=np.float32))


def test_water_moves_below_the_horizon():
    for seed in range(8):
        clip, moving = paint(seed)
        assert clip.shape == (5, SIZE, SIZE, 3) and np.isfinite(clip).all()
        assert not moving.share[: int(0.39 * SIZE)].any() and moving.share[-1].all()
        speeds = np.hypot(*moving.motion[22:].reshape(-1, 2).T)
        assert speeds.max() < 0.04
        if speeds.max() > 0.004:
            assert np.abs(clip[-1, 24:] - clip[0, 24:]).max() > 1e-3


def test_water_mirrors_what_is_above():
    above = np.zeros((5, SIZE, SIZE, 3), np.float32)
    above[:, : int(0.4 * SIZE), :24] = 1  # bright at the left
    for seed in range(6):
        clip = paint(seed, above)[0][0]
        assert clip[22:28, :20].mean() > clip[22:28, 28:].mean()


def test_a_waterfall_falls():
    for seed in range(5):
        rng, light, _, _ = scene(seed)
        times = np.arange(3, dtype=np.float32)
        clip, matte, moving = waters.waterfall(rng, light, 96, times)
        assert clip.shape == (3, 96, 96, 3)
        assert 0.005 < matte.mean() < 0.7
        falling = moving.motion[..., 1]
        assert falling.min() > 0.005 and falling.max() < 0.021
        assert abs(moving.motion[..., 0]).max() < 1e-5
        expected = falling.mean() * 96 * 2
        assert abs(drifted(clip[..., 1])[1] - expected) < 1.5
