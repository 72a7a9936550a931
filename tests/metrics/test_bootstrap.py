"""Intervals by resampling source videos."""

import numpy as np
import pytest

from ssagan_jax.metrics.bootstrap import RESAMPLES, resample_videos


def spread(interval):
    return interval[1] - interval[0]


def test_interval_of_a_normal_mean():
    """Close to the textbook's mean +- 1.96 standard errors."""
    values = np.random.default_rng(1).normal(5, 2, size=400)
    interval = resample_videos([str(i) for i in range(400)]).interval(values, np.ones(400))
    error = values.std() / 20
    np.testing.assert_allclose(
        interval, [values.mean() - 1.96 * error, values.mean() + 1.96 * error], atol=0.05
    )


def test_whole_videos_are_drawn():
    """Ten copies of each clip say no more than one."""
    values = np.random.default_rng(1).normal(size=30)
    one = resample_videos([str(i) for i in range(30)]).interval(values, np.ones(30))
    copies = np.repeat(values, 10)
    of_videos = resample_videos([str(i // 10) for i in range(300)]).interval(copies, np.ones(300))
    assert of_videos == pytest.approx(one)
    of_clips = resample_videos([str(i) for i in range(300)]).interval(copies, np.ones(300))
    assert spread(of_clips) < 0.5 * spread(of_videos)


def test_clips_count_equally_whatever_their_video():
    """Nine clips of 0 in one video and one of 1: the draws' means are 0, 0.1 and 1."""
    videos, values = ["a"] * 9 + ["b"], np.array([0.0] * 9 + [1.0])
    resampling = resample_videos(videos)
    means = resampling.counts @ [0, 1] / (resampling.counts @ [9, 1])
    assert set(means.round(9)) == {0, 0.1, 1}
    assert resampling.interval(values, np.ones(10)) == [0, 1]


def test_a_ratio_is_resampled_as_a_whole():
    """Above is always half of below, so every draw gives one half."""
    below = np.random.default_rng(1).uniform(1, 2, size=20)
    interval = resample_videos([str(i) for i in range(20)]).interval(below / 2, below)
    assert interval == pytest.approx([0.5, 0.5])


def test_draws_without_a_defined_mean_are_left_out():
    resampling = resample_videos(["a", "b"])
    assert 0 < (resampling.counts[:, 0] == 0).sum() < RESAMPLES
    # "b" has no finite value: draws of "b" alone say nothing.
    assert resampling.interval(np.array([3.0, 0.0]), np.array([1.0, 0.0])) == [3, 3]
    assert resampling.interval(np.zeros(2), np.zeros(2)) is None


def test_one_video_has_no_interval():
    assert resample_videos(["a", "a"]).interval(np.ones(2), np.ones(2)) is None


def test_draws_repeat_themselves_and_names_do_not_matter():
    one, other = resample_videos(["z", "a", "z"]), resample_videos(["1", "2", "1"])
    np.testing.assert_array_equal(one.counts, other.counts)
    np.testing.assert_array_equal(one.video_of, [0, 1, 0])
    assert one.counts.shape == (1000, 2)
    assert (one.counts.sum(axis=1) == 2).all()


def test_description():
    described = resample_videos(["a", "b", "a"]).describe()
    assert described == {"level": 0.95, "draws": 1000, "seed": 0, "videos": 2}
