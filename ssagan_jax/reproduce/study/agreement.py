"""Whether raters agree with each other, and with themselves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ssagan_jax.reproduce.study.answers import Answers
from ssagan_jax.reproduce.study.design import AGAIN, NOISE, Trial


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Krippendorff's alpha of nominal ratings: 1 is agreement, 0 what chance gives.

    Args:
      units: of each unit the ratings that it got, of any raters; missing ones are left out.

    Returns:
      None where it is not defined: no unit has two ratings, or all ratings are the same.

    Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, section C.
    """
    counts = [Counter(ratings) for ratings in units]
    paired = [count for count in counts if count.total() > 1]
    totals = sum(paired, Counter())
    number = totals.total()
    expected = number**2 - sum(n**2 for n in totals.values())
    if not expected:
        return None
    observed = sum(
        (count.total() ** 2 - sum(n**2 for n in count.values())) / (count.total() - 1)
        for count in paired
    )
    return 1 - (number - 1) * observed / expected


@dataclass(frozen=True)
class Conduct:
    """How one rater went about it.

    Attributes:
      answers: trials answered, of ``trials``.
      trials: of the study.
      noise, failed: clips beside noise that were answered, and those where noise was chosen.
      repeats, changed: pairs answered twice, and those where the choice was another.
      left: the share of choices on the left side.
      seconds: median of an answer.
    """

    answers: int
    trials: int
    noise: int
    failed: int
    repeats: int
    changed: int
    left: float
    seconds: float


def judge(answers: Answers, trials: Mapping[str, Trial]) -> Conduct:
    """How a rater with at least one answer went about it."""
    chosen = {name: trials[name].halves[answer.chosen] for name, answer in answers.items()}
    noise = [name for name in chosen if trials[name].kind == NOISE]
    repeats = [n for n in chosen if trials[n].kind == AGAIN and trials[n].of in chosen]
    return Conduct(
        answers=len(answers),
        trials=len(trials),
        noise=len(noise),
        failed=sum(chosen[name] == NOISE for name in noise),
        repeats=len(repeats),
        changed=sum(chosen[name] != chosen[trials[name].of] for name in repeats),
        left=sum(x.chosen == x.left for x in answers.values()) / len(answers),
        seconds=median(x.seconds for x in answers.values()),
    )
