"""Best of K: made-up noise whose error is known."""

import numpy as np
import pytest

from ssagan_jax.evaluation import hints
from ssagan_jax.evaluation.best_of_k import score_best_of_k
from ssagan_jax.evaluation.results_table import format_draws
from ssagan_jax.evaluation.scoring import score_animator
from ssagan_jax.metrics.pretrained import registry
from tests.helpers import windy_model
from tests.helpers.noisy_model import BATCH, OFFSETS, Source, T, animate
from tests.helpers.windy_model import WindySource


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


def test_the_mean_over_draws_by_hand(found):
    errors = (OFFSETS[[0, 1, 0]] / 255.0) ** 2
    mean = found["mean"]
    assert mean["standard"]["mse"] == pytest.approx(errors.mean(), rel=1e-5)
    assert mean["standard"]["psnr"] == pytest.approx(-10 * np.log10(errors).mean(), rel=1e-5)
    # What an energy is divided by is that of clips that stand still.
    ratios = {name: x for name, x in mean["motion"].items() if "ratio" in name}
    assert len(ratios) == 4 and set(ratios.values()) == {None}
    assert mean["motion"]["static_share"] == 0


def test_motion_has_a_mean_and_no_best():
    """In draws of 0, 1 and 2 times 10 levels a frame; the true clips have 20, 10 and -10."""
    found = score_best_of_k(windy_model.animate, WindySource(), batch_size=BATCH, k=3)
    pooled = (0 + 3 * 10**2 + 3 * 20**2) / 3 / (20**2 + 10**2 + 10**2)
    assert found["mean"]["motion"]["energy_ratio"] == pytest.approx(pooled, rel=1e-5)
    assert found["first"]["motion"]["static_share"] == 1
    assert set(found["best"]["motion"].values()) == {None}
    # The best of each: exact for the first two, the still draw for the third.
    assert found["best"]["standard"]["mse"] == pytest.approx(
        (10**2 + 20**2) / 2 / 255**2 / 3, rel=1e-5
    )


def test_distances_of_sets_see_the_frames_that_are_asked_for(made_up, monkeypatch):
    asked, plain = [], registry.load_metrics
    monkeypatch.setattr(
        registry, "load_metrics", lambda names, **more: asked.append(more) or plain(names, **more)
    )
    options = {"batch_size": BATCH, "metrics": ("set",), "first_embedded": 1}
    score_best_of_k(windy_model.animate, WindySource(), k=1, **options)
    assert asked == [{"first_embedded": 1}]


def test_a_model_that_takes_a_mask_has_the_sky_finders(monkeypatch):
    """As its row has; of everything the error would be larger."""

    class Masked:
        takes_mask = True

        def __call__(self, photos, *, seed):
            raise AssertionError("told nothing")

        def with_mask(self, mask):
            assert mask.shape == (BATCH, *Source()[0]["clip"].shape[1:3]) and not mask.any()
            return animate

    monkeypatch.setattr(hints, "find_sky", lambda photo: np.zeros(photo.shape[:2], np.float32))
    found = score_best_of_k(Masked(), Source(), batch_size=BATCH, k=3)
    assert found == score_best_of_k(animate, Source(), batch_size=BATCH, k=3)


def test_metrics_asked_for_are_scored_of_draws_too(made_up):
    found = score_best_of_k(
        windy_model.animate, WindySource(), batch_size=BATCH, k=3, metrics=("pair", "set")
    )
    levels = np.array([[20, 10, 0], [10, 0, 10], [10, 20, 30]])  # errors a frame, of each draw
    pair = 10 * levels * 1.5 / 127.5
    assert found["mean"]["perceptual"]["pair"] == pytest.approx(pair.mean(), rel=1e-4)
    assert found["best"]["perceptual"]["pair"] == pytest.approx(pair.min(1).mean(), rel=1e-4)
    assert found["best"]["perceptual"]["set"] is None
    assert found["mean"]["perceptual"]["set"] is not None


def test_the_first_draw_is_what_score_animator_scores(found):
    row = score_animator(animate, Source(), batch_size=BATCH, protocol={})["rows"]["prediction"]
    for key in ("author", "standard"):
        assert found["first"][key] == pytest.approx(row[key], rel=1e-5)
    for name, value in row["motion"].items():
        assert found["first"]["motion"][name] == (value and pytest.approx(value, rel=1e-5))


def test_perfect_clips_have_no_finite_psnr():
    def still(photos, *, seed):
        return np.repeat(photos[:, None], T, axis=1)

    found = score_best_of_k(still, Source(), batch_size=BATCH, k=2)
    assert found["best"]["standard"]["psnr"] is None
    assert found["best"]["standard"]["mse"] == 0
    assert "-" in format_draws({"protocol": {}, "draws": found}).split()


def test_draws_must_be_positive():
    with pytest.raises(ValueError, match=r"draws is the number of clips per photo, .* not 0"):
        score_best_of_k(animate, Source(), batch_size=BATCH, k=0)
