"""Best of K: made-up noise whose error is known."""

import numpy as np
import pytest

from ssagan_jax.evaluation.best_of_k import score_best_of_k
from ssagan_jax.evaluation.results_table import format_best_of_k
from ssagan_jax.evaluation.scoring import score_animator
from tests.helpers.noisy_model import BATCH, OFFSETS, Source, T, animate


@pytest.fixture(scope="module")
def found():
    return score_best_of_k(animate, Source(), batch_size=BATCH, k=3)


def test_the_best_of_each_clip_by_hand(found):
    """Places in the batches: 0, 1, then 0 again, since the second batch is filled up."""
    first = (OFFSETS[[0, 1, 0], 0] / 255.0) ** 2
    best = (OFFSETS[[0, 1, 0]].min(1) / 255.0) ** 2
    assert found["count"] == 3
    for row, errors in (("first", first), ("best", best)):
        standard, author = found[row]["standard"], found[row]["author"]
        assert standard["mse"] == pytest.approx(errors.mean(), rel=1e-5)
        assert author["mse"] == pytest.approx(4 * errors.mean() * 2 / 3, rel=1e-5)
        # Higher is better; frame 0, infinite by the author's convention, is left out.
        decibels = -10 * np.log10(errors).mean()
        assert standard["psnr"] == pytest.approx(decibels, rel=1e-5)
        assert author["psnr"] == pytest.approx(decibels, rel=1e-5)
    assert found["best"]["author"]["ssim"] > found["first"]["author"]["ssim"]


def test_the_first_draw_is_what_score_animator_scores(found):
    row = score_animator(animate, Source(), batch_size=BATCH, protocol={})["rows"]["prediction"]
    for key in ("author", "standard"):
        assert found["first"][key] == pytest.approx(row[key], rel=1e-6)


def test_perfect_clips_have_no_finite_psnr():
    def still(photos, *, seed):
        return np.repeat(photos[:, None], T, axis=1)

    found = score_best_of_k(still, Source(), batch_size=BATCH, k=2)
    assert found["best"]["standard"]["psnr"] is None
    assert found["best"]["standard"]["mse"] == 0
    assert "-" in format_best_of_k(found).split()


def test_draws_must_be_positive():
    with pytest.raises(ValueError, match=r"draws is the number of clips per photo, .* not 0"):
        score_best_of_k(animate, Source(), batch_size=BATCH, k=0)
