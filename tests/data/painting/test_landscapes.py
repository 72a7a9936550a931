import numpy as np

from ssagan_jax.data.painting import landscapes
from tests.helpers.painting import check_layer, scene

TIMES = np.array([0, 6], np.float32)


def test_horizons_are_of_every_height():
    rng = np.random.default_rng(0)
    levels, tilts = np.array([landscapes.draw_horizon(rng) for _ in range(500)]).T
    assert levels.min() < 0 and levels.max() > 1.2
    assert 0.5 < ((levels > 0.3) & (levels < 0.95)).mean() < 0.9
    assert (tilts == 0).any() and np.abs(tilts).max() < 0.25


def test_only_what_is_said_to_move_does():
    """Land stays to the bit; what is not covered by anything that moves changes little."""
    stiller, moving_more = [], []
    for seed in range(16):
        clip, moving = landscapes.landscape(np.random.default_rng(seed), 32, TIMES)
        assert clip.shape == (2, 32, 32, 3) and np.isfinite(clip).all()
        change = np.abs(clip[1] - clip[0]).max(-1)
        share = np.max([what.share for what in moving], axis=0)
        if (share < 0.05).any():
            stiller.append(change[share < 0.05].mean())
        if (share > 0.5).any():
            moving_more.append(change[share > 0.5].mean())
    assert max(stiller) < 0.02 and np.mean(moving_more) > 5 * np.mean(stiller)


def test_layers_of_a_landscape():
    for seed in range(4):
        rng, light, grains, line = scene(seed)
        for wet in (False, True):
            far = landscapes.far_things(rng, light, grains, line, wet)
            near = landscapes.near_things(rng, light, grains, line, wet)
            front = landscapes.front_things(rng, light, grains, 0.6)
            for layer in (far, near, front):
                assert layer[..., 3].max() <= 1 + 1e-5 and np.isfinite(layer).all()
        check_layer(landscapes.near_things(rng, light, grains, line, False))
