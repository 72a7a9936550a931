"""Scores of single clips, by hand."""

import jax
import numpy as np

from ssagan_jax.evaluation.clip_scores import CONTROLS, score_batch
from ssagan_jax.metrics.conventions import CONVENTIONS

T = 3


def test_prediction_still_picture_and_reference():
    """The real clip gets 51 grey levels brighter with every frame, the prediction 51 once."""
    levels = np.array([[0, 51, 51], [0, 51, 102]], np.uint8)[..., None, None, None]
    prediction, reference = np.broadcast_to(levels, (2, T, 12, 12, 3))
    scores = score_batch(prediction[None, None], reference[None])
    assert scores["frame"].keys() == scores["clip"].keys() == CONVENTIONS.keys()
    errors = {"prediction": [0, 0, 0.16], "still": [0, 0.16, 0.64]}
    for row, name in enumerate(errors):
        np.testing.assert_allclose(
            scores["frame"]["author"]["mse"][0, row], errors[name], rtol=1e-5, atol=1e-9
        )
    psnr = scores["clip"]["author"]["psnr_clip"][0]
    np.testing.assert_allclose(psnr, 10 * np.log10([4 * 3 / 0.16, 4 * 3 / 0.8]), rtol=1e-5)
    energies = scores["ratio"]["energy_ratio"][0]
    np.testing.assert_allclose(energies, [0.08, 0, 0.16], rtol=1e-4)
    np.testing.assert_array_equal(scores["mean"]["static_share"][0], [0, 1, 0])


def test_shapes():
    predictions = np.zeros((2, 3, T, 12, 12, 3), np.uint8)
    scores = score_batch(predictions, predictions[:, 0])
    assert {x.shape for table in scores["frame"].values() for x in table.values()} == {(2, 4, T)}
    assert {x.shape for table in scores["clip"].values() for x in table.values()} == {(2, 4)}
    shapes = {x.shape for name in ("ratio", "mean") for x in scores[name].values()}
    assert shapes == {(2, 3 + len(CONTROLS))}


def test_several_predictions_score_as_each_alone():
    draw = np.random.default_rng(0)
    clips = draw.integers(0, 256, (3, T, 12, 12, 3), dtype=np.uint8)
    both = score_batch(clips[None, :2], clips[None, 2])
    for row in range(2):
        alone = score_batch(clips[None, row : row + 1], clips[None, 2])
        pairs = zip(jax.tree.leaves(both), jax.tree.leaves(alone), strict=True)
        for x, y in ((np.asarray(x), np.asarray(y)) for x, y in pairs):
            np.testing.assert_allclose(x[:, row], y[:, 0], rtol=1e-4)
            np.testing.assert_allclose(x[:, 2:], y[:, 1:], rtol=1e-4)  # the controls
