import numpy as np

from ssagan_jax.data.painting import camera

TIMES = np.arange(4, dtype=np.float32)


def grey(size=32, value=0.5):
    return np.full((4, size, size, 3), value, np.float32)


def test_light_changes_in_some_clips_and_slowly():
    changed = 0
    for seed in range(40):
        clip = camera.changing_light(np.random.default_rng(seed), grey(), TIMES)
        assert clip.dtype == np.float32
        np.testing.assert_array_equal(clip[0], grey()[0])
        assert np.abs(np.diff(clip, axis=0)).max() < 0.01
        changed += bool((clip != grey()).any())
    assert 5 < changed < 35


def test_development_is_the_same_for_all_frames():
    greys = 0
    ramp = grey() * np.linspace(0.5, 1.5, 3, dtype=np.float32)
    for seed in range(60):
        clip = camera.developed(np.random.default_rng(seed), ramp)
        np.testing.assert_array_equal(clip[0], clip[3])
        assert clip.dtype == np.float32
        greys += bool(np.ptp(clip[0, 16, 16]) < 0.12)
    assert 0 < greys < 30


def test_what_is_taken_is_noisy_in_some_clips():
    deviations = []
    for seed in range(30):
        clip = camera.taken(np.random.default_rng(seed), grey())
        assert clip.shape == (4, 32, 32, 3) and clip.dtype == np.uint8
        assert abs(clip.mean() - 128) < 1.5
        deviations.append(clip.std())
    assert min(deviations) == 0 and 0.5 < max(deviations) < 12
