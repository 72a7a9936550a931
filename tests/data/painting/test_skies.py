from dataclasses import replace

import numpy as np

from ssagan_jax.data.painting import skies
from ssagan_jax.data.painting.canvas import SIDE


def draw(seed):
    return skies.draw_light(np.random.default_rng(seed), 0.8)


def test_lights_are_seeded_and_of_every_kind():
    lights = [draw(seed) for seed in range(200)]
    assert {light.kind for light in lights} == set(skies._KINDS)
    assert draw(3).kind == draw(3).kind
    for light in lights:
        for colour in (light.zenith, light.horizon, light.cloud, light.shade, light.sun):
            assert colour.shape == (3,) and colour.min() >= 0 and colour.max() <= 1


def test_bright_does_not_mean_sky():
    """White land is brighter than the sky in some lights, and darker in most."""
    ratios = [draw(seed).land.mean() / draw(seed).horizon.mean() for seed in range(200)]
    assert 0.1 < np.mean(np.array(ratios) > 1) < 0.5
    assert min(ratios) < 0.1


def test_the_clear_sky_is_of_the_colours_of_its_light():
    light = draw(5)
    sky = skies.clear_sky(
        replace(light, glow=0.0, disc=0.0), np.full((32, 32), 1.0, np.float32), 32, 1.0
    )
    assert sky.shape == (32, 32, 3) and sky.dtype == np.float32
    np.testing.assert_allclose(sky[0, 0], light.zenith, atol=0.05)
    np.testing.assert_allclose(sky[-1, 0], light.horizon, atol=0.05)


def test_stars_and_moon():
    rng = np.random.default_rng(0)
    light = skies.stars(rng, 100)
    assert light.shape == (SIDE, SIDE, 4) and not light[..., 3].any()
    assert 60 < (light[..., 0] > 0).sum() <= 300
    assert 0 < skies.moon(rng)[..., 3].mean() < 0.02
