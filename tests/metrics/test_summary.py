"""Means that leave out infinite values."""

import json

import numpy as np
import pytest

from ssagan_jax.metrics.bootstrap import resample_videos
from ssagan_jax.metrics.summary import (
    curve,
    finite_mean,
    mean_ratio,
    own_ratios,
    summarise_scores,
)

INF = np.inf


def test_mean_over_clips_of_the_mean_over_finite_frames():
    # (20 + 30) / 2 = 25 and 40, of which the mean is 32.5; not the 30 of all three frames
    assert finite_mean(np.array([[INF, 20, 30], [INF, INF, 40]])) == 32.5


def test_clip_of_infinite_values_only_is_left_out():
    assert finite_mean(np.array([[INF, INF], [1.0, 3.0]])) == 2
    assert finite_mean(np.array([[INF, INF]])) is None


def test_curve_has_a_value_per_frame():
    assert curve(np.array([[INF, 20, 30], [INF, INF, 40]])) == [None, 20, 35]


def test_ratio_of_means_not_mean_of_ratios():
    assert mean_ratio(np.array([1.0, 2.0]), np.array([0.0, 6.0])) == 0.5
    assert mean_ratio(np.array([1.0, 2.0]), np.array([0.0, 0.0])) is None


@pytest.fixture
def row():
    frames = {"psnr": np.array([[INF, 20, 30]]), "mse": np.array([[0, 0.2, 0.1]])}
    clips = {"psnr_clip": np.array([INF])}
    return summarise_scores(
        frame={"author": frames, "standard": frames},
        clip={"author": clips, "standard": clips},
        ratio={"energy_ratio": np.array([1.0])},
        mean={"static_share": np.array([0.0])},
        reference={"energy_ratio": np.array([4.0])},
        resampling=resample_videos(["a"]),
    )


def test_row_follows_the_conventions(row):
    assert row["author"] == pytest.approx({"psnr": 25, "mse": 0.1, "psnr_clip": None})
    assert row["standard"] == pytest.approx({"psnr": 25, "mse": 0.15, "psnr_clip": None})
    assert row["motion"] == {"energy_ratio": 0.25, "energy_ratio_median": 0.25, "static_share": 0}
    assert row["curves"]["standard"]["psnr"] == [None, 20, 30]


def test_row_counts_what_it_leaves_out(row):
    assert row["left_out"]["author"] == {"psnr": 1, "mse": 0, "psnr_clip": 1}
    assert row["left_out"]["standard"] == {"psnr": 0, "mse": 0, "psnr_clip": 1}


def test_row_is_json_with_metrics_in_order(row):
    assert list(json.loads(json.dumps(row, allow_nan=False))["author"]) == [
        "mse",
        "psnr",
        "psnr_clip",
    ]


def test_every_mean_has_an_interval():
    """Of two videos, draws are either one twice, or both."""
    frames = {"psnr": np.array([[INF, 20, 30], [INF, INF, 50]])}
    row = summarise_scores(
        frame={"author": frames, "standard": frames},
        clip={key: {"psnr_clip": np.array([INF, 7])} for key in ("author", "standard")},
        ratio={"energy_ratio": np.array([1.0, 9.0])},
        mean={"static_share": np.array([0.0, 1.0])},
        reference={"energy_ratio": np.array([2.0, 2.0])},
        resampling=resample_videos(["a", "b"]),
    )
    assert row["interval"] == {
        "author": {"psnr": [25, 50], "psnr_clip": [7, 7]},
        "standard": {"psnr": [25, 50], "psnr_clip": [7, 7]},
        "motion": {"energy_ratio": [0.5, 4.5], "static_share": [0, 1]},
    }
    for group, intervals in row["interval"].items():
        for name, (low, high) in intervals.items():
            assert low <= row[group][name] <= high


def summarise_energies(energies, reference):
    return summarise_scores(
        frame={"author": {}, "standard": {}},
        clip={"author": {}, "standard": {}},
        ratio={"energy_ratio": np.array(energies), "flow_ratio": np.array(energies)},
        mean={},
        reference=dict.fromkeys(("energy_ratio", "flow_ratio"), np.array(reference)),
        resampling=resample_videos(list(map(str, reference))),
    )


def test_one_clip_decides_the_pooled_ratio_and_not_the_median():
    """Five clips that move twice too much, one of far more energy that hardly moves, one still."""
    row = summarise_energies([2.0, 2, 2, 4, 3, 1, 7], [1.0, 1, 1, 2, 1, 100, 0])
    assert row["motion"]["energy_ratio"] == pytest.approx(21 / 106)
    assert row["motion"]["energy_ratio_median"] == 2
    # Own ratios in order: 0.01, 2, 2, 2, 2, 3.
    medians = ("energy_ratio_median", "flow_ratio_median")
    assert row["quartiles"] == {"motion": {key: [2, 2] for key in medians}}
    assert row["left_out"]["motion"] == dict.fromkeys(medians, 1)
    assert list(row["motion"]) == sorted(("energy_ratio", "flow_ratio", *medians))


def test_clips_that_all_stand_still_have_no_median():
    row = summarise_energies([1.0, 2.0], [0.0, 0.0])
    assert row["motion"]["energy_ratio_median"] is None
    assert row["quartiles"]["motion"]["energy_ratio_median"] is None
    assert row["left_out"]["motion"] == {"energy_ratio_median": 2, "flow_ratio_median": 2}


def test_own_ratios():
    np.testing.assert_array_equal(
        own_ratios(np.array([1.0, 3.0]), np.array([0.0, 2])), [np.nan, 1.5]
    )


def test_one_video_has_no_interval(row):
    assert row["interval"]["standard"] == {"mse": None, "psnr": None, "psnr_clip": None}
