import numpy as np
import pytest

from ssagan_jax.evaluation.wind_prior import format_prior, score_prior
from ssagan_jax.ops import mixture
from tests.helpers.stubs import quick_jit

WINDS = np.random.default_rng(0).normal(0, 1, (400, 2)).astype(np.float32) * [0.01, 0.02]


class Windy:
    """Clips in winds that are normally distributed."""

    def __len__(self):
        return len(WINDS)

    def __getitem__(self, index):
        clip = np.zeros((2, 4, 4, 3), np.uint8)
        return {"clip": clip, "video": str(index), "wind": WINDS[index].astype(np.float32)}

    def describe(self):
        return {}


class Prior:
    """The same distribution for every photo, ``wide`` times as wide as that of the winds."""

    def __init__(self, wide):
        scales = np.log(wide * np.array([0.01, 0.02]))
        self.one = np.array([0, 0, 0, *scales], np.float32)

    def prior(self, photos):
        return np.broadcast_to(self.one, (len(photos), 1, 5))


def test_a_true_prior_covers_what_it_says_and_is_no_better_than_the_gaussian():
    found = score_prior(Prior(1).prior, Windy(), batch_size=64)
    assert found["covered"]["0.5"] == pytest.approx(0.5, abs=0.06)
    assert found["covered"]["0.9"] == pytest.approx(0.9, abs=0.04)
    # The entropy of a Gaussian, its deviations 1 and 2 hundredths.
    entropy = 1 + np.log(2 * np.pi) + np.log(2)
    assert found["log_likelihood"]["mean"] == pytest.approx(-entropy, abs=0.1)
    assert 0 <= found["gaussian"]["mean"] - found["log_likelihood"]["mean"] < 0.02
    assert found["log_likelihood"]["median"] > found["log_likelihood"]["mean"]


@pytest.mark.parametrize(("wide", "covered"), [(0.5, (0.16, 0.44)), (2, (0.94, 1.0))])
def test_one_that_is_too_sure_covers_less_and_one_that_is_too_wide_more(wide, covered):
    """The share of a Gaussian within its p-region, widened by w: 1 - (1 - p)^(w^2)."""
    found = score_prior(Prior(wide).prior, Windy(), batch_size=50)
    assert tuple(found["covered"].values()) == pytest.approx(covered, abs=0.06)
    assert found["log_likelihood"]["mean"] < found["gaussian"]["mean"] - 0.3


def test_the_density_is_the_mixtures():
    prior = Prior(1).prior(np.zeros(400))
    expected = np.mean(quick_jit(mixture.log_likelihood)(prior, WINDS.astype(np.float32)))
    found = score_prior(Prior(1).prior, Windy(), batch_size=400)["log_likelihood"]["mean"]
    assert found == pytest.approx(float(expected) - 2 * np.log(100), rel=1e-4)


def test_as_text():
    scores = {
        "log_likelihood": {"mean": -2.918, "median": -2.35},
        "gaussian": {"mean": -3.51, "median": -1.72},
        "covered": {"0.5": 0.48, "0.9": 0.8},
    }
    text = format_prior(scores)
    assert "-2.92 (median -2.35)" in text and "fitted to them -3.51 (median -1.72)" in text
    assert text.endswith("48 % of 50 %, 80 % of 90 %.")
