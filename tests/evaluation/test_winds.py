"""The winds that a model is scored with, on a made-up one that is right if the wind is."""

import numpy as np
import pytest

from ssagan_jax.evaluation import winds
from ssagan_jax.evaluation.scoring import score_animator
from tests.helpers import noisy_model, windy_model
from tests.helpers.windy_model import LEVELS, LIKELY, WINDS, WindySource


def test_every_kind_by_hand():
    """A clip errs by 1 and 2 times what a frame brightens too much or too little."""
    found = score_animator(windy_model.animate, WindySource(), batch_size=2, protocol={})
    assert list(found["rows"]) == [*winds.KINDS, "still"]
    true = WINDS[:, 0]
    given = {"prediction": LIKELY, "wind_given": true, "wind_reversed": -true, "wind_none": 0}
    for name, wind in given.items():
        error = np.mean((LEVELS * (wind - true)) ** 2) * (1 + 4) / 2 / 255**2
        assert found["rows"][name]["standard"]["mse"] == pytest.approx(error, rel=1e-5, abs=1e-9)
    assert found["rows"]["wind_none"]["author"] == found["rows"]["still"]["author"]
    assert found["rows"]["wind_reversed"]["motion"]["energy_ratio"] == pytest.approx(1)


def test_a_model_without_wind_is_asked_once():
    photos = WindySource().clips[:2, 0]
    assert list(winds.animate_all_winds(noisy_model.animate, photos, None)) == ["prediction"]
    assert list(winds.animate_all_winds(windy_model.animate, photos, WINDS[:2])) == list(
        winds.KINDS
    )


def test_clips_without_wind_are_refused():
    with pytest.raises(ValueError, match=r"the clips come without theirs.*wind=True"):
        score_animator(windy_model.animate, noisy_model.Source(), batch_size=2, protocol={})
