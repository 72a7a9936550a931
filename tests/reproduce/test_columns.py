"""The mean of a metric over seeds, and which columns a table has."""

import pytest

from ssagan_jax.reproduce.columns import METRICS, average_metric, select_columns
from ssagan_jax.viz.tables import Value


def of_metric(value, **more):
    return {"motion": {"energy_ratio_median": value}, **more}


def with_quartiles(*ends):
    return {"quartiles": {"motion": {"energy_ratio_median": list(ends)}}}


def test_several_seeds_have_their_range_and_one_its_interval():
    interval = {"author": {"psnr": [20.0, 28.0]}}
    scores = [{"author": {"psnr": x}, "interval": interval} for x in (26.0, 21.0, 22.0)]
    assert average_metric(scores, "author_psnr") == Value(23.0, 21.0, 26.0, 2)
    assert average_metric(scores[:1], "author_psnr") == Value(26.0, 20.0, 28.0, 2)


def test_what_no_result_has_was_not_run_and_a_mean_over_nothing_is_undefined():
    assert average_metric([{"author": {}}], "lpips") == "not run"
    scores = [{"perceptual": {"fvd": 1.0}}, {"perceptual": {"fvd": None}}]
    assert average_metric(scores, "fvd") == "undefined"


def test_a_median_has_the_means_of_quartiles_or_none_if_a_seed_has_none():
    scores = [
        of_metric(0.8, **with_quartiles(0.4, 1.0)),
        of_metric(1.0, **with_quartiles(0.6, 2.0)),
    ]
    found = average_metric(scores, "energy_ratio_median")
    assert (found.mean, found.low, found.high) == pytest.approx((0.9, 0.5, 1.5))
    without = average_metric([scores[0], of_metric(1.0)], "energy_ratio_median")
    assert (without.mean, without.low, without.high) == (0.9, None, None)


def test_columns_on_demand_are_there_if_one_result_has_them():
    always = select_columns([{}])
    assert set(METRICS) - set(always) == {
        "energy_ratio_median",
        "flow_ratio_median",
        "flicker",
        "unexplained_change",
        "lpips_vgg",
        "kvd",
    }
    scores = [{"motion": {"flicker": 1.0}}, {"perceptual": {"kvd": None}}]
    assert set(select_columns(scores)) - set(always) == {"flicker", "kvd"}
    assert [key for key in METRICS if key in select_columns(scores)] == select_columns(scores)
