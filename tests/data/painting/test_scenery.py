"""What a painted clip shows; the clips of the data set are tested with it."""

import numpy as np

from ssagan_jax.data.painting import scenery


def test_a_clip_is_seeded():
    def paint(seed):
        times = np.arange(3, dtype=np.float32)
        return scenery.paint_clip(np.random.default_rng(seed), size=24, times=times)

    clip = paint(1)
    assert clip.shape == (3, 24, 24, 3) and clip.dtype == np.uint8
    np.testing.assert_array_equal(clip, paint(1))
    assert (clip != paint(2)).any()


def test_a_moment_does_not_depend_on_the_others():
    def paint(*times):
        return scenery.paint_clip(
            np.random.default_rng(7), size=16, times=np.array(times, np.float32)
        )

    np.testing.assert_array_equal(paint(0, 1, 2)[2], paint(2)[0])


def test_colours_are_those_of_the_palette_at_its_hours():
    colours = scenery.colours(np.array([0.0, 0.125, 0.25], np.float32))
    assert colours.shape == (3, 5, 3)
    np.testing.assert_allclose(colours[0, 0] * 255, (46, 62, 112), rtol=1e-5)
    np.testing.assert_allclose(colours[1], (colours[0] + colours[2]) / 2, rtol=1e-5)


def test_scenes_are_of_every_kind():
    scenes = [scenery.draw_scene(np.random.default_rng(seed)) for seed in range(60)]
    kinds = {(scene.sea, scene.skyline is not None, scene.horizon > 1) for scene in scenes}
    assert kinds == {
        (False, False, True),  # sky
        (True, False, False),  # sea
        (False, True, False),  # land
        (True, True, False),  # coast
    }
