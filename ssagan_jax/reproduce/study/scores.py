"""What votes say: POS, its intervals, and whether a preference is more than chance.

POS is the poster's: of 1,000 votes, those for the first-named system; 500 is chance. The poster
gives counts only. Ten people cast them, on a hundred pairs each, so votes of one person are not
independent: with the votes themselves, whole raters are resampled; from counts alone, the interval
is Wilson's, which takes every vote for independent and is narrower than the truth.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, ttest_1samp

from ssagan_jax.reproduce.study.votes import Vote

RESAMPLES = 10_000
LEVEL = 0.05  # below it a p value counts as significant
LEAST_RATERS = 5  # with fewer, nothing is said about people at large
PER = 1000  # POS counts votes of a thousand


@dataclass(frozen=True)
class Preference:
    """Votes for one system over another.

    Attributes:
      first, second: the two systems.
      wins: votes for ``first``.
      votes: all votes.
      raters: {rater: (wins, votes)}; empty where only the counts are known.
    """

    first: str
    second: str
    wins: int
    votes: int
    raters: Mapping[str, tuple[int, int]]

    @property
    def pos(self) -> float:
        """Votes for ``first`` per 1,000."""
        return PER * self.wins / self.votes


# The poster's counts (PS12): ten people, a hundred pairs of clips for each row.
POSTER = tuple(
    Preference(first, second, wins, PER, {})
    for first, second, wins in (
        ("SSA-GAN", "MD-GAN Stage I", 871),
        ("SSA-GAN", "MD-GAN Stage II", 526),
        ("MD-GAN Stage I", "real", 286),
        ("MD-GAN Stage II", "real", 322),
        ("SSA-GAN", "real", 334),
    )
)


def count_preferences(votes: Iterable[Vote]) -> list[Preference]:
    """Votes as one preference for each two systems that were shown together.

    As on the poster, SSA-GAN is named first (names that begin with ``ssagan``, ``SSA-GAN`` or
    ``ours``) and ``real`` last; the rest in alphabetical order.
    """
    tallies: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(
        lambda: defaultdict(lambda: [0, 0])
    )
    for vote in votes:
        first, second = sorted((_name(vote.left), _name(vote.right)), key=_rank)
        tally = tallies[first, second][vote.rater]
        tally[0] += _name(vote.chosen) == first
        tally[1] += 1
    found = []
    for (first, second), raters in sorted(tallies.items(), key=lambda x: [_rank(n) for n in x[0]]):
        wins, total = np.sum(list(raters.values()), axis=0)
        tuples = {rater: (won, cast) for rater, (won, cast) in raters.items()}
        found.append(Preference(first, second, int(wins), int(total), tuples))
    return found


def _name(name: str) -> str:
    """``Real`` and ``REAL`` are ``real``."""
    return "real" if name.lower() == "real" else name


def _rank(name: str) -> tuple:
    return name == "real", not is_ours(name), name


def is_ours(name: str) -> bool:
    """Whether a system is SSA-GAN: ``ssagan...``, ``SSA-GAN...`` or ``ours...``."""
    return name.lower().replace("-", "").startswith(("ssagan", "ours"))


def p_value(preference: Preference) -> float:
    """Two-sided exact binomial test against chance, every vote taken as independent."""
    return float(binomtest(preference.wins, preference.votes).pvalue)


def wilson_interval(preference: Preference) -> tuple[float, float]:
    """Wilson's 95 % interval of POS, every vote taken as independent."""
    test = binomtest(preference.wins, preference.votes)
    interval = test.proportion_ci(confidence_level=0.95, method="wilson")
    return PER * float(interval.low), PER * float(interval.high)


def bootstrap_interval(preference: Preference, *, seed: int = 0) -> tuple[float, float] | None:
    """The 95 % interval of POS when whole raters are drawn anew, with replacement.

    Returns:
      Low and high, or None with fewer than two raters, where nothing can be said.
    """
    if len(preference.raters) < 2:
        return None
    wins, votes = np.array(list(preference.raters.values()), float).T
    count = len(wins)
    drawn = np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
    shares = wins[drawn].sum(axis=1) / votes[drawn].sum(axis=1)
    low, high = np.quantile(PER * shares, (0.025, 0.975))
    return float(low), float(high)


def is_significant(preference: Preference, *, seed: int = 0) -> bool | None:
    """Whether chance is ruled out at 5 %.

    By the binomial p value where only counts are known. Where raters are, they must agree: by
    their resampled interval and by a t test of their shares (the interval alone is too narrow for
    the ten of a usual study).

    Returns:
      None where fewer than ``LEAST_RATERS`` voted: too few to tell people from chance.
    """
    if not preference.raters:
        return p_value(preference) < LEVEL
    interval = bootstrap_interval(preference, seed=seed)
    if interval is None or len(preference.raters) < LEAST_RATERS:
        return None
    outside = not interval[0] <= PER / 2 <= interval[1]
    return p_value(preference) < LEVEL and outside and _raters_agree(preference)


def _raters_agree(preference: Preference) -> bool:
    """Two-sided t test: is the mean of the raters' shares other than a half?"""
    shares = np.array([wins / votes for wins, votes in preference.raters.values()])
    if np.ptp(shares) == 0:
        return bool(shares[0] != 0.5)
    return float(ttest_1samp(shares, 0.5).pvalue) < LEVEL


def z_score(a: Preference, b: Preference) -> float:
    """How far two shares lie apart, in standard errors (pooled, independent votes).

    Beyond 1.96 is significant at 5 %; 0 where every vote or none was for the first.
    """
    pooled = (a.wins + b.wins) / (a.votes + b.votes)
    error = math.sqrt(pooled * (1 - pooled) * (1 / a.votes + 1 / b.votes))
    return (a.wins / a.votes - b.wins / b.votes) / error if error else 0.0
