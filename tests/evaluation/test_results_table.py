"""Results as text."""

import pytest

from ssagan_jax.evaluation.results_table import format_best_of_k, format_results
from tests.helpers.made_results import ask_metrics, make_results, row


@pytest.fixture
def results():
    return make_results()


def test_table(results):
    assert format_results(results).splitlines() == [
        "author               mse          psnr",
        "prediction        0.0321       24.9100",
        "still             0.0321             -",
        "",
        "standard             mse          psnr",
        "prediction        0.0321       24.9100",
        "still             0.0321             -",
        "",
        "motion      energy_ratio",
        "prediction        0.5000",
        "still             0.5000",
        "",
        "Infinite values left out: still author psnr 3.",
    ]


def test_table_without_infinite_values(results):
    results["rows"]["still"] = row(20.0)
    assert format_results(results).endswith("still             0.5000")


def test_table_with_intervals_and_metrics_asked_for(results):
    found = format_results(ask_metrics(results, lpips_alex=0.05, fvd=370.5))
    assert found.splitlines() == [
        "author                mse           psnr",
        "prediction         0.0321        24.9100",
        "  95 %     0.0300..0.0340    9.50..26.00",
        "still              0.0321              -",
        "  95 %     0.0300..0.0340",
        "",
        "standard             mse          psnr",
        "prediction        0.0321       24.9100",
        "still             0.0321             -",
        "",
        "motion      energy_ratio",
        "prediction        0.5000",
        "still             0.5000",
        "",
        "perceptual     lpips_alex            fvd",
        "prediction         0.0500       370.5000",
        "  95 %     0.0100..0.1234",
        "still              0.0500       370.5000",
        "  95 %     0.0100..0.1234",
        "",
        "Infinite values left out: still author psnr 3.",
        "",
        "fvd of 25 clips is far above what 2,048 would give; compare it only between results of "
        "equally many clips.",
    ]


def test_intervals_below_zero_do_not_run_together(results):
    other = ask_metrics(results)
    intervals = {"mse": [-0.0648, -0.0061], "psnr": [-14.472, 0.5]}
    other["rows"]["prediction"]["interval"]["author"] = intervals
    lines = format_results(other).splitlines()
    assert lines[2].split() == ["95", "%", "-0.0648..-0.0061", "-14.47..0.50"]
    assert lines[1].split() == ["prediction", "0.0321", "24.9100"]
    assert len(lines[0]) == len(lines[1]) == len(lines[2])  # columns stay below their names


def test_best_of_k():
    first = {"standard": {"mse": 0.04, "psnr": 14.0}}
    best = {"standard": {"mse": 0.01, "psnr": None}}
    assert format_best_of_k({"count": 3, "first": first, "best": best}).splitlines() == [
        "standard               mse          psnr",
        "first draw          0.0400       14.0000",
        "best of 3           0.0100             -",
    ]
