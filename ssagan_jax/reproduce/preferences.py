"""The table of preferences: POS as on the poster, and what it is worth."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from ssagan_jax.io.paths import AnyPath
from ssagan_jax.reproduce.study import scores
from ssagan_jax.reproduce.study.scores import Preference
from ssagan_jax.reproduce.study.votes import read_votes
from ssagan_jax.viz.figures import save_figure
from ssagan_jax.viz.tables import Table, Value

COLUMNS = {
    "label": "Which is more realistic?",
    "votes": "votes",
    "raters": "raters",
    "pos": "POS (Wilson 95 %)",
    "clustered": "POS (raters resampled, 95 %)",
    "p": "p, exact binomial",
    "significant": "significant at 5 %",
}
NOTES = (
    "POS: votes for the first-named of 1,000; 500 is chance.",
    "Wilson's interval and the binomial p value take every vote for independent. Votes of one "
    "person, and on one pair of clips, are not, so both flatter; the resampled interval draws "
    "whole raters anew, and a preference counts as significant only if 500 is outside that too and "
    "the raters' shares differ from a half by a t test.",
)
VERDICTS = {False: "no", None: f"unknown: under {scores.LEAST_RATERS} raters"}
COUNTS = (
    "The poster's counts. Ten people voted on a hundred pairs each, but who voted how is not "
    "published, so raters cannot be resampled."
)


def tabulate_preferences(votes: str, picture: AnyPath) -> tuple[Table, dict[str, str]]:
    """The table with what is written under it; draws the picture.

    Args:
      votes: a CSV file as ``study.votes.read_votes`` takes it; empty: the poster's counts.
      picture: where the PNG goes.

    Raises:
      FileNotFoundError, ValueError: as ``read_votes``.
    """
    found = scores.count_preferences(read_votes(votes)) if votes else list(scores.POSTER)
    _draw(found, picture)
    notes = [*NOTES, f"Votes: {votes}." if votes else COUNTS, *_verdict(found), *_against(found)]
    return Table(COLUMNS, [_line(x) for x in found]), {
        "Notes": "\n".join(f"- {note}" for note in notes)
    }


def _name(preference: Preference) -> str:
    return f"{preference.first} over {preference.second}"


def _line(preference: Preference) -> dict:
    clustered = scores.bootstrap_interval(preference)
    unknown = "unknown" if not preference.raters else "one rater only"
    return {
        "label": _name(preference),
        "votes": f"{preference.wins} of {preference.votes}",
        "raters": str(len(preference.raters) or "unknown"),
        "pos": Value(preference.pos, *scores.wilson_interval(preference), digits=0),
        "clustered": Value(preference.pos, *clustered, digits=0) if clustered else unknown,
        "p": f"{scores.p_value(preference):.2g}",
        "significant": _significance(preference),
    }


def _significance(preference: Preference) -> str:
    """Whether it is more than chance, and for whom."""
    verdict = scores.is_significant(preference)
    return f"yes, for {_preferred(preference)}" if verdict else VERDICTS[verdict]


def _preferred(preference: Preference) -> str:
    more = preference.pos > scores.PER / 2
    return preference.first if more else preference.second


def _verdict(found: Sequence[Preference]) -> list[str]:
    """Which preferences are more than chance, in words."""
    verdicts = {_name(x): (x.pos, scores.is_significant(x)) for x in found}
    lines = [
        f"{_name(x)}: {x.pos:.0f}, so people preferred {_clips_of(_preferred(x))}."
        for x in found
        if scores.is_significant(x)
    ]
    lines += [
        f"{name}: {pos:.0f} is not significant, so no preference is shown."
        for name, (pos, verdict) in verdicts.items()
        if verdict is False
    ]
    lines += [
        f"{name}: {pos:.0f}, of too few raters to say whether it is more than chance."
        for name, (pos, verdict) in verdicts.items()
        if verdict is None
    ]
    return lines


def _clips_of(name: str) -> str:
    return "the real clips" if name == "real" else f"those of {name}"


def _against(found: Sequence[Preference]) -> list[str]:
    """Systems that were each shown beside real clips, compared with ours, from counts alone.

    Where raters are known nothing is said: their votes are not independent, as z takes them.
    """
    real = [x for x in found if x.second == "real" and not x.raters]
    ours = next((x for x in real if scores.is_ours(x.first)), None)
    if ours is None:
        return []
    return [
        f"Over real clips, {ours.first} has {ours.pos:.0f} and {x.first} {x.pos:.0f}: "
        f"z = {scores.z_score(ours, x):.2f} ({_beyond(ours, x)} at 5 %)."
        for x in real
        if x is not ours
    ]


def _beyond(a: Preference, b: Preference) -> str:
    return "significant" if abs(scores.z_score(a, b)) > 1.96 else "not significant"


def _draw(found: Sequence[Preference], path: AnyPath) -> None:
    figure = Figure(figsize=(7, 0.45 * len(found) + 1.4), layout="constrained")
    axes = figure.subplots()
    for height, preference in enumerate(found):
        for shift, interval, colour in (
            (-0.1, scores.wilson_interval(preference), "C0"),
            (0.1, scores.bootstrap_interval(preference), "C1"),
        ):
            if interval:
                axes.plot(interval, [height + shift] * 2, color=colour)
                axes.plot(preference.pos, height + shift, "o", color=colour)
    axes.axvline(scores.PER / 2, color="k", linestyle=":", label="chance")
    axes.plot([], [], "o-", color="C0", label="Wilson, votes independent")
    if any(len(x.raters) > 1 for x in found):
        axes.plot([], [], "o-", color="C1", label="raters resampled")
    axes.set_yticks(range(len(found)), [_name(x) for x in found])
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.set(xlim=(0, scores.PER), xlabel="POS: votes of 1,000 for the first-named")
    axes.legend(fontsize=8)
    save_figure(figure, path)
