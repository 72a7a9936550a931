"""Results as text."""

import pytest

from ssagan_jax.evaluation.results_table import (
    format_draws,
    format_results,
    list_draws,
    list_notes,
)
from tests.helpers.made_results import ask_metrics, make_results, make_windy_results, row


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


def test_quartiles_over_clips(results):
    for scored in results["rows"].values():
        scored["motion"] = {"energy_ratio_median": 1.75}
        scored["left_out"] = {"motion": {"energy_ratio_median": 2}}
        scored["quartiles"] = {"motion": {"energy_ratio_median": [0.5, 12.25]}}
    lines = format_results(results).splitlines()
    assert [" ".join(line.split()) for line in lines[-7:]] == [
        "motion energy_ratio_median",
        "prediction 1.7500",
        "quartiles 0.50..12.25",
        "still 1.7500",
        "quartiles 0.50..12.25",
        "",
        "Real clips that stand still have no energy ratio of their own; left out: 2.",
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
    found = {"protocol": {}, "draws": {"count": 3, "first": first, "best": best}}
    assert format_draws(found).splitlines() == [
        "standard               mse          psnr",
        "first draw          0.0400       14.0000",
        "best of 3           0.0100             -",
    ]


def test_draws_are_winds_or_clips(results):
    draws = {"count": 8, "first": {}, "mean": {}, "best": {}}
    assert list(list_draws(results | {"draws": draws})) == [
        "first draw",
        "8 clips drawn: mean",
        "best of 8",
    ]
    assert list(list_draws(make_windy_results()))[1] == "8 winds drawn: mean"
    assert list_draws(results) == {}
    assert list_notes(list_draws(make_windy_results()), {}) == []


def test_rows_say_which_wind_they_are_of():
    lines = format_results(make_windy_results()).splitlines()
    assert [" ".join(line.split()) for line in lines[:6]] == [
        "author mse psnr",
        "likely wind (prior's mode) 0.0321 24.0000",
        "wind given (from the true clip) 0.0321 27.0000",
        "wind reversed (control) 0.0321 21.0000",
        "no wind (control) 0.0321 23.0000",
        "still 0.0321 -",
    ]
    assert len({len(line) for line in lines[:6]}) == 1  # columns below their names
