"""Agreement between raters, and of raters with themselves, against numbers worked out by hand."""

import pytest

from ssagan_jax.reproduce.study import agreement
from ssagan_jax.reproduce.study.answers import Answer
from ssagan_jax.reproduce.study.design import Trial

# Krippendorff 2011, section C: four observers, twelve units, some ratings missing.
PUBLISHED = [
    "111",
    "2232",
    "3333",
    "3333",
    "2222",
    "1234",
    "4444",
    "1121",
    "2222",
    "555",
    "11",
    "3",
]


def test_the_published_example():
    assert agreement.krippendorff_alpha(PUBLISHED) == pytest.approx(0.743, abs=5e-4)


def test_the_ends():
    assert agreement.krippendorff_alpha(["aaa", "bbb"]) == 1
    assert agreement.krippendorff_alpha(["ab", "ab"]) == pytest.approx(-0.5)  # 1 - 3 * 4 / 8
    assert agreement.krippendorff_alpha(["aa", "aa"]) is None
    assert agreement.krippendorff_alpha(["a", "b"]) is None


def test_a_raters_conduct():
    trials = {
        "p": Trial("p", "pair", "1", ("a", "b")),
        "q": Trial("q", "pair", "2", ("b", "a")),
        "n": Trial("n", "noise", "1", ("noise", "a")),
        "m": Trial("m", "noise", "2", ("b", "noise")),
        "r": Trial("r", "again", "1", ("b", "a"), "p"),
        "s": Trial("s", "again", "2", ("a", "b"), "q"),
        "t": Trial("t", "pair", "3", ("a", "b")),
    }
    given = {
        "p": (0, 0, 1.0),
        "q": (0, 0, 2.0),
        "n": (1, 0, 3.0),
        "m": (1, 0, 4.0),
        "r": (1, 1, 5.0),
    }
    given["s"] = (1, 0, 9.0)  # chose "b" first, now "a"
    answers = {name: Answer(name, *values) for name, values in given.items()}
    found = agreement.judge(answers, trials)
    assert (found.answers, found.trials) == (6, 7)
    assert (found.noise, found.failed) == (2, 1)  # in "n" half 0 is noise
    assert (found.repeats, found.changed) == (2, 1)
    assert found.left == pytest.approx(0.5)
    assert found.seconds == 3.5
