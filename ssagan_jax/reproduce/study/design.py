"""What a study shows: its trials, and the order in which a rater sees them.

A trial is two clips side by side. Besides the pairs that count there are catch trials: a clip
beside noise, which an attentive rater tells at once, and pairs that come a second time with the
sides swapped. All draws are pure functions of a seed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

PAIR, NOISE, AGAIN = "pair", "noise", "again"  # kinds of trials
KINDS = (PAIR, NOISE, AGAIN)
REAL = "real"
CATCH_EVERY = 20  # pairs, for one catch trial of each kind
LEAST_CATCHES = 2  # of each kind
Halves = tuple[str, str]
Clips = Mapping[str, Collection[str]]  # the names of each system's clips


@dataclass(frozen=True)
class Trial:
    """Two clips beside each other.

    Attributes:
      name: of its film; random, so that it says nothing.
      kind: ``PAIR``, ``NOISE`` or ``AGAIN``.
      pair: which clips (the photo that they start from).
      halves: the systems in the film's left and right half; ``NOISE`` is noise.
      of: the trial that this one repeats; empty of other kinds.
    """

    name: str
    kind: str
    pair: str
    halves: Halves
    of: str = ""


@dataclass(frozen=True)
class Shown:
    """A trial as a rater sees it.

    Attributes:
      trial: its name.
      left: which half of the film is on the left: 0 as in the film, 1 swapped.
    """

    trial: str
    left: int


def draw_trials(clips: Clips, *, count: int, seed: int, names: Sequence[str]) -> list[Trial]:
    """Draws the trials of a study.

    Args:
      clips: the names of each system's clips; each two systems are compared on clips of one name.
      count: pairs of each two systems.
      seed: of the draw.
      names: random names, at least as many as ``count_trials``.

    Returns:
      The trials, sorted by name, so that their order says nothing either. In half of the films of
      two systems the first is on the left.

    Raises:
      ValueError: if two systems have fewer than ``count`` names in common, or count < 1.
    """
    if count < 1:
        raise ValueError(f"--pairs is {count}; expected a whole number of at least 1.")
    random, unused = np.random.default_rng(seed), iter(names)
    pairs = [
        Trial(next(unused), PAIR, pair, halves)
        for first, second in combinations(clips, 2)
        for pair, halves in _draw_pairs(random, clips, (first, second), count)
    ]
    catches = _count_catches(len(pairs))
    noise = [
        Trial(next(unused), NOISE, pair, halves)
        for pair, halves in _draw_noise(random, clips, catches)
    ]
    again = [
        Trial(next(unused), AGAIN, first.pair, first.halves[::-1], first.name)
        for first in (pairs[i] for i in random.permutation(len(pairs))[:catches])
    ]
    return sorted(pairs + noise + again, key=lambda trial: trial.name)


def count_trials(systems: int, count: int) -> int:
    """How many trials there are at most, with ``count`` pairs of each two systems."""
    pairs = count * systems * (systems - 1) // 2
    return pairs + 2 * _count_catches(pairs)


def draw_order(trials: Sequence[Trial], *, seed: int, rater: str) -> list[Shown]:
    """The order of one rater, always the same for the same seed and rater.

    Of each two systems the first is on the left in half of the pairs (one more or less where their
    number is odd). A pair that comes again does so in the second half, with its sides swapped.
    """
    random = np.random.default_rng([seed, *hashlib.sha256(rater.encode()).digest()])
    lefts = _draw_lefts(random, trials)
    repeated = {trial.of for trial in trials if trial.kind == AGAIN}
    early = [trial for trial in trials if trial.name in repeated]
    late = [trial for trial in trials if trial.kind == AGAIN]
    others = [t for t in trials if t.kind != AGAIN and t.name not in repeated]
    others = [others[i] for i in random.permutation(len(others))]
    middle = len(others) // 2
    halves = (early + others[:middle], late + others[middle:])
    ordered = [half[i] for half in halves for i in random.permutation(len(half))]
    return [Shown(trial.name, trial.halves.index(lefts[trial.name])) for trial in ordered]


def _count_catches(pairs: int) -> int:
    return min(pairs, max(LEAST_CATCHES, round(pairs / CATCH_EVERY)))


def _draw_pairs(
    random: np.random.Generator, clips: Clips, systems: Halves, count: int
) -> list[tuple[str, Halves]]:
    first, second = systems
    common = sorted(set(clips[first]) & set(clips[second]))
    if not common:
        raise ValueError(
            f"{first} and {second} have no clips of the same name, such as "
            f"{min(clips[first])} and {min(clips[second])}. Name those of one photo alike."
        )
    if len(common) < count:
        raise ValueError(
            f"{count} pairs were asked for, but {first} and {second} have only {len(common)} clips "
            f"of the same name. Make more, or take --pairs={len(common)}."
        )
    drawn = [common[i] for i in random.permutation(len(common))[:count]]
    swapped = _balanced(random, count)
    return [
        (name, (second, first) if swap else systems)
        for name, swap in zip(drawn, swapped, strict=True)
    ]


def _draw_noise(random: np.random.Generator, clips: Clips, count: int) -> list[tuple[str, Halves]]:
    systems = [list(clips)[i % len(clips)] for i in random.permutation(count)]
    drawn = [sorted(clips[system])[random.integers(len(clips[system]))] for system in systems]
    swapped = _balanced(random, count)
    return [
        (name, (NOISE, system) if swap else (system, NOISE))
        for name, system, swap in zip(drawn, systems, swapped, strict=True)
    ]


def _draw_lefts(random: np.random.Generator, trials: Sequence[Trial]) -> dict[str, str]:
    """The system on the left, by trial."""
    groups = defaultdict(list)
    for trial in trials:
        if trial.kind != AGAIN:
            groups[tuple(sorted(trial.halves))].append(trial.name)
    lefts = {
        name: systems[swap]
        for systems, names in sorted(groups.items())
        for name, swap in zip(names, _balanced(random, len(names)), strict=True)
    }
    for trial in trials:
        if trial.kind == AGAIN:
            lefts[trial.name] = next(x for x in trial.halves if x != lefts[trial.of])
    return lefts


def _balanced(random: np.random.Generator, count: int) -> list[int]:
    """Zeros and ones, as many of each; of an odd number, one more of either."""
    either = int(random.integers(2))
    return [(int(i) + either) % 2 for i in random.permutation(count)]
