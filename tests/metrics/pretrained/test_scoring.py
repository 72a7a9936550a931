"""Scores of made-up networks."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.metrics.bootstrap import resample_videos
from ssagan_jax.metrics.pretrained import registry


def clips(*levels):
    """[n t 2 2 3] from grey levels per frame."""
    levels = np.array(levels, np.uint8)[..., None, None, None]
    return np.broadcast_to(levels, (*levels.shape[:2], 2, 2, 3))


def test_frames_are_scored_against_the_reference(made_up):
    """Grey levels in 127.5: 51 are 0.4, times 10. The still picture is the first real frame."""
    loaded = registry.load_metrics(["pair"])
    assert loaded.embeddings == {}
    real, prediction = (jnp.asarray(clips(x)) for x in ([0, 51, 102], [0, 51, 153]))
    [scores] = loaded.score(prediction[:, None], real)["frame"]["pair"]
    np.testing.assert_allclose(scores, [[0, 0, 4], [0, 4, 8]], atol=1e-5)


def test_clips_are_embedded_with_the_still_picture_and_the_reference(made_up):
    loaded = registry.load_metrics(["set"])
    assert loaded.pairs == {}
    real, prediction = (jnp.asarray(clips(x)) for x in ([0, 51], [51, 102]))
    [found] = loaded.score(prediction[:, None], real)["embedding"]["net"]
    np.testing.assert_allclose(found[:, ::3], [[-6, -2], [-10, -10], [-10, -6]], atol=1e-5)


def test_clips_may_be_embedded_without_the_given_photo(made_up):
    loaded = registry.load_metrics(["set"], first_embedded=1)
    real, prediction = (jnp.asarray(clips(x)) for x in ([9, 51, 102], [7, 51, 153]))
    without = registry.load_metrics(["set"])
    found = loaded.score(prediction[:, None], real)["embedding"]["net"]
    tails = without.score(prediction[:, None, 1:], real[:, 1:])["embedding"]["net"]
    np.testing.assert_allclose(found[:, [0, 2]], tails[:, [0, 2]], atol=1e-5)
    described = loaded.describe(clips=4, frames=3)["set"]
    assert (described["frames"], described["first_frame"]) == (2, 1)


def test_several_predictions_of_a_clip(made_up):
    """The first is the one of the tests above; four rows and more are embedded in parts."""
    loaded = registry.load_metrics(["pair", "set"])
    real = jnp.asarray(clips([0, 51, 102]))
    predictions = jnp.asarray(clips([0, 51, 153], [0, 0, 0], [51, 51, 51]))[None]
    found = loaded.score(predictions, real)
    expected = [[0, 0, 4], [0, 4, 8], [4, 0, 4], [0, 4, 8]]  # the second is the still picture
    np.testing.assert_allclose(found["frame"]["pair"][0], expected, atol=1e-5)
    assert found["embedding"]["net"].shape == (1, 5, 9)
    np.testing.assert_allclose(
        found["embedding"]["net"][0, :, 0], [-10, -10, -6, -10, -10], atol=1e-5
    )


def test_summary_counts_frames_from_the_second_on(made_up):
    loaded = registry.load_metrics(["pair", "set"])
    row = loaded.summarise(
        frame={"pair": np.array([[9.0, 1, 3], [9.0, 4, 6]])},
        embedding={"net": np.array([[0.0], [4.0]])},
        reference={"net": np.array([[1.0], [2.0]])},
        resampling=resample_videos(["a", "b"]),
    )
    assert row == {
        "perceptual": {"pair": 3.5, "set": 0.5},
        "curves": {"pair": [9, 2.5, 4.5]},
        "interval": {"pair": [2, 5]},
    }


def test_description_says_how_and_on_what(made_up):
    origin = {"package": "p", "weights_sha256": "abc"}
    assert registry.load_metrics(["pair", "set"]).describe(clips=4, frames=3) == {
        "pair": {**origin, "counted_frames": 2},
        "set": {**origin, "clips": 4, "frames": 3, "enough_clips": 3, "size": 5},
    }


def test_few_clips_are_warned_of(made_up):
    with pytest.warns(UserWarning, match="^set of 2 clips is far above what 3 would give"):
        registry.load_metrics(["pair", "set"]).warn_of_few_clips(2)


def test_enough_clips_are_not(made_up):
    registry.load_metrics(["pair", "set"]).warn_of_few_clips(3)  # a warning would be an error
