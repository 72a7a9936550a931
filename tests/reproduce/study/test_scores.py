"""POS, its intervals and tests, against numbers computed by hand."""

import math

import numpy as np
import pytest

from ssagan_jax.reproduce.study import scores
from ssagan_jax.reproduce.study.scores import POSTER, Preference
from ssagan_jax.reproduce.study.votes import Vote


def votes(first, second, by_rater):
    """Of each rater (wins, losses); sides alternate."""
    for rater, (wins, losses) in by_rater.items():
        for number in range(wins + losses):
            left, right = (first, second) if number % 2 else (second, first)
            chosen = first if number < wins else second
            yield Vote(rater, str(number), left, right, chosen)


def test_votes_are_counted_per_rater_whichever_side_they_were_on():
    [found] = scores.count_preferences(votes("ssagan", "mdgan1", {"a": (3, 1), "b": (0, 2)}))
    assert found == Preference("ssagan", "mdgan1", 3, 6, {"a": (3, 4), "b": (0, 2)})
    assert found.pos == 500


def test_ours_is_named_first_and_real_last():
    pairs = [("real", "mdgan1"), ("mdgan1", "SSA-GAN"), ("real", "ours"), ("vgan", "tgan")]
    every = [v for a, b in pairs for v in votes(a, b, {"a": (1, 0)})]
    named = {(x.first, x.second) for x in scores.count_preferences(every)}
    assert named == {
        ("mdgan1", "real"),
        ("SSA-GAN", "mdgan1"),
        ("ours", "real"),
        ("tgan", "vgan"),
    }


def test_the_posters_counts():
    assert [x.wins for x in POSTER] == [871, 526, 286, 322, 334]
    assert {x.votes for x in POSTER} == {1000}
    assert [scores.is_significant(x) for x in POSTER] == [True, False, True, True, True]


def test_p_value_is_the_exact_binomial_one():
    wins, n = 9, 10
    tail = sum(math.comb(n, k) for k in range(wins, n + 1)) / 2**n
    assert scores.p_value(Preference("a", "b", wins, n, {})) == pytest.approx(2 * tail)
    assert scores.p_value(POSTER[1]) == pytest.approx(0.1067, abs=5e-4)


@pytest.mark.parametrize(
    ("index", "low", "high"),
    [(0, 849, 890), (1, 495, 557), (2, 259, 315), (3, 294, 352), (4, 305, 364)],
)
def test_wilsons_interval(index, low, high):
    assert [round(x) for x in scores.wilson_interval(POSTER[index])] == [low, high]


def test_wilsons_formula():
    p, n, z = 0.7, 20, 1.959964
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    found = scores.wilson_interval(Preference("a", "b", 14, 20, {}))
    np.testing.assert_allclose(found, (1000 * (middle - half), 1000 * (middle + half)), rtol=1e-6)


def test_raters_who_disagree_widen_the_interval():
    agree = Preference("a", "b", 526, 1000, {str(i): (53, 100) for i in range(10)})
    disagree = Preference("a", "b", 500, 1000, {str(i): (100 * (i % 2), 100) for i in range(10)})
    low, high = scores.bootstrap_interval(agree)
    assert low == high == 530  # nothing varies between raters
    low, high = scores.bootstrap_interval(disagree)
    wilson = scores.wilson_interval(disagree)
    assert low < wilson[0] - 100 and high > wilson[1] + 100


def test_the_bootstraps_spread_is_that_of_a_mean_over_raters():
    shares = np.random.default_rng(1).integers(0, 101, 40)
    preference = Preference(
        "a", "b", int(shares.sum()), 4000, {str(i): (int(s), 100) for i, s in enumerate(shares)}
    )
    low, high = scores.bootstrap_interval(preference)
    error = 10 * shares.std() / math.sqrt(40)
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert scores.bootstrap_interval(preference, seed=1) != (low, high)


def test_one_rater_has_no_interval_of_raters():
    assert scores.bootstrap_interval(Preference("a", "b", 5, 10, {"x": (5, 10)})) is None


def of_raters(*wins, votes=100):
    raters = {str(i): (won, votes) for i, won in enumerate(wins)}
    return Preference("x", "y", sum(wins), votes * len(wins), raters)


def test_raters_must_agree_however_many_votes_they_cast():
    torn = of_raters(100, 100, 100, 30, 30, 20)
    assert scores.p_value(torn) < 1e-6
    assert scores.is_significant(torn) is False
    assert scores.is_significant(of_raters(60, 62, 65, 58, 61)) is True
    assert scores.is_significant(of_raters(60, 60, 60, 60, 60)) is True
    assert scores.is_significant(of_raters(50, 52, 50, 51, 50)) is False


def test_the_t_test_counts_where_the_resampled_interval_is_too_narrow():
    few = of_raters(51, 90, 55, 52, 53)
    low, _ = scores.bootstrap_interval(few)
    assert scores.p_value(few) < 0.001 and low > 500
    assert scores.is_significant(few) is False


def test_of_few_raters_nothing_is_said():
    assert scores.is_significant(of_raters(100, 100, 100, 100)) is None


def test_real_is_one_system_however_it_is_written():
    votes = [Vote("a", "1", "ours", "Real", "ours"), Vote("a", "2", "real", "ours", "ours")]
    [found] = scores.count_preferences(votes)
    assert (found.first, found.second, found.wins, found.votes) == ("ours", "real", 2, 2)


def test_z_scores_of_two_shares():
    ours, stage1, stage2 = POSTER[4], POSTER[2], POSTER[3]
    assert scores.z_score(ours, stage2) == pytest.approx(0.57, abs=0.005)
    assert scores.z_score(ours, stage1) == pytest.approx(2.32, abs=0.005)
    every = Preference("a", "b", 10, 10, {})
    assert scores.z_score(every, every) == 0
