"""Scores of all clips, one by one."""

import numpy as np
import pytest

from ssagan_jax.evaluation.source_scores import collect_scores
from ssagan_jax.metrics.pretrained.registry import load_metrics
from tests.helpers.noisy_model import Source, T


def shifted(batch):
    """Two predictions: too bright by 51 and by 102 grey levels."""
    return {"near": batch.clips + np.uint8(51), "far": batch.clips + np.uint8(102)}


@pytest.fixture(scope="module")
def found():
    return collect_scores(shifted, Source(), load_metrics(()), batch_size=2)


def test_every_clip_has_a_score_for_every_prediction(found):
    assert found.predictions == ("near", "far")
    assert found.clip == (T, 12, 12)
    mse = found.pixels["frame"]["standard"]["mse"]
    assert mse.shape == (3, 3, T) and mse.dtype == np.float64
    np.testing.assert_allclose(mse[:, 0], 0.04, rtol=1e-5)
    np.testing.assert_allclose(mse[:, 1], 0.16, rtol=1e-5)
    np.testing.assert_array_equal(mse[:, 2], 0)


def test_rows_are_found_by_name(found):
    near, far, still = (found.summarise_row(name) for name in ("near", "far", "still"))
    assert near["standard"]["mse"] == pytest.approx(0.04, rel=1e-5)
    assert far["standard"]["mse"] == pytest.approx(0.16, rel=1e-5)
    assert still["standard"]["mse"] == 0
    assert "perceptual" not in near


def test_predictions_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="Predictions are uint8"):
        collect_scores(
            lambda batch: {"cut": batch.clips[:, 1:]}, Source(), load_metrics(()), batch_size=2
        )
