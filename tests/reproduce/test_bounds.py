"""Bounds of the table ``wind`` on painted clips."""

import numpy as np
import pytest

from ssagan_jax.evaluation.results import read_results, write_results
from ssagan_jax.reproduce import bounds, plan
from tests.helpers.windy_model import WindySource


@pytest.fixture
def source(monkeypatch):
    """Three clips of 12 pixels in place of the data set."""
    found = WindySource()
    monkeypatch.setattr(bounds, "open_split", lambda *_: found)
    monkeypatch.setattr(bounds, "predict_bounds", lambda batch: {"static_field": batch.clips})
    return found


def test_bounds_are_scored_once_for_the_same_clips_and_metrics(tmp_path, source, monkeypatch):
    options = plan.Options(table="wind", workdirs=tmp_path, budget="tiny")
    assert bounds.score_missing_bounds(tmp_path / "a", options)
    found = read_results(tmp_path / "a" / "results.json")
    assert list(found["rows"]) == ["static_field", "still"]
    assert found["rows"]["static_field"]["standard"]["mse"] == 0
    assert found["protocol"]["statistics"] == "running" and found["protocol"]["clips"] == 3
    assert not bounds.score_missing_bounds(tmp_path / "a", options)
    monkeypatch.setattr(source, "describe", lambda: {"dataset": "another"}, raising=False)
    source.clips = np.roll(source.clips, 1, axis=0)
    assert bounds.score_missing_bounds(tmp_path / "a", options)


def test_bounds_are_scored_again_for_more_metrics(tmp_path, source, monkeypatch):
    asked = []

    def score_predictions(*_, protocol, metrics, **__):
        asked.append(metrics)
        how = {"perceptual": {name: {} for name in metrics}}
        data = {"dataset": "made up", "clips": 3}
        return {"protocol": {**protocol, **how, "data": data}, "rows": {}}

    monkeypatch.setattr(bounds, "score_predictions", score_predictions)
    monkeypatch.setattr(bounds, "save_results", write_results)
    options = plan.Options(table="wind", workdirs=tmp_path, metrics=("fvd",))
    assert bounds.score_missing_bounds(tmp_path, options)
    assert not bounds.score_missing_bounds(tmp_path, options)
    more = plan.Options(table="wind", workdirs=tmp_path, metrics=("fvd", "kvd"))
    assert bounds.score_missing_bounds(tmp_path, more)
    assert asked == [("fvd",), ("fvd", "kvd")]
