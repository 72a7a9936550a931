"""What a study found: tables, a picture, and the votes as ``--table=pos`` takes them."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from ssagan_jax.io.atomic import replacing
from ssagan_jax.reproduce import preferences
from ssagan_jax.reproduce.study import scores
from ssagan_jax.reproduce.study import votes as votes_files
from ssagan_jax.reproduce.study.agreement import Conduct, judge, krippendorff_alpha
from ssagan_jax.reproduce.study.answers import Answers, read_answers
from ssagan_jax.reproduce.study.ballots import read_ballots
from ssagan_jax.reproduce.study.design import PAIR
from ssagan_jax.reproduce.study.folder import SCORES, VOTES, Study, read_study
from ssagan_jax.reproduce.study.votes import Vote
from ssagan_jax.viz.tables import Table

MOST_FAILED = 1  # catch trials
ALL, ATTENTIVE = "votes.csv", "votes_attentive.csv"
_ATTENTIVE_SCORES = ("scores_attentive.csv", "scores_attentive.png")
ALPHA = "Krippendorff's alpha"
RATER_COLUMNS = {
    "rater": "rater",
    "answers": "answers",
    "failed": "chose noise",
    "changed": "chose otherwise when sides were swapped",
    "left": "chose the left side",
    "seconds": "seconds, median",
}
NOTES = (
    "Krippendorff's alpha (nominal; units are pairs): 1 if raters agree on every pair, 0 if no "
    "more than by chance. It is about single pairs: between systems equally good, it "
    "is low.",
    "A pair that came again counts once, as it was answered the first time.",
)


def score_study(
    folder: Path,
    files: Sequence[Path] = (),
    *,
    output: Path | None = None,
    most_failed: int = MOST_FAILED,
) -> Path:
    """Scores a study; prints the report and where it is.

    Args:
      folder: the study, with the votes that a server collected, if one did.
      files: answers that browsers saved from the exported page.
      output: where the report goes; None: ``scores`` in the study.
      most_failed: raters who chose noise more often are left out of a second table.

    Returns:
      The folder with ``scores.md``, ``scores.csv``, ``raters.csv``, ``votes.csv`` and a picture of
      each table; where raters are left out, the same of the others as ``*_attentive``.

    Raises:
      FileNotFoundError: if there is no study, or a file is missing.
      ValueError: if a file is not as expected, a rater came twice, or nobody voted on a pair.
      OSError: if the report cannot be written.
    """
    study, output = read_study(folder), output or folder / SCORES
    raters, damaged = _collect(study, folder, files)
    conduct = {rater: judge(answers, study.by_name) for rater, answers in raters.items()}
    kept = {r: answers for r, answers in raters.items() if conduct[r].failed <= most_failed}
    for name in (ATTENTIVE, *_ATTENTIVE_SCORES):  # of an earlier report
        (output / name).unlink(missing_ok=True)
    everyone, notes = _tabulate(study, raters, output / ALL, output / "scores.png")
    parts = [f"# Preferences\n\n{everyone.markdown()}\n\n{notes}"]
    left_out = f"raters who chose noise more than {_times(most_failed)}"
    if len(kept) == len(raters):
        parts.append(f"There are no {left_out}.")
    elif list_votes(study, kept):
        table, picture = (output / name for name in _ATTENTIVE_SCORES)
        attentive, _ = _tabulate(study, kept, output / ATTENTIVE, picture)
        parts.append(f"## Without {left_out}\n\n{attentive.markdown()}")
        _write(table, attentive.csv())
    else:
        parts.append(f"Without {left_out}, nobody is left.")
    people = Table(RATER_COLUMNS, [_line(rater, found) for rater, found in conduct.items()])
    parts += [f"## Raters\n\n{people.markdown()}", f"## Study\n\n{_describe(study, damaged)}"]
    text = "\n\n".join(parts) + "\n"
    _write(output / "scores.md", text)
    _write(output / "scores.csv", everyone.csv())
    _write(output / "raters.csv", people.csv())
    print(f"{text}\nWritten: {output}")
    return output


def list_votes(study: Study, raters: Mapping[str, Answers]) -> list[Vote]:
    """The votes on pairs; of catch trials there are none."""
    votes = []
    for rater, answers in raters.items():
        for name, answer in answers.items():
            trial = study.by_name[name]
            if trial.kind == PAIR:
                left, right = trial.halves[answer.left], trial.halves[1 - answer.left]
                votes.append(Vote(rater, trial.pair, left, right, trial.halves[answer.chosen]))
    return votes


def _collect(study: Study, folder: Path, files: Sequence[Path]) -> tuple[dict[str, Answers], int]:
    """The answers of all who gave any, and how many lines of votes were damaged."""
    served, damaged = read_ballots(folder / VOTES, study.by_name)
    raters = {rater: answers for rater, answers in served.items() if answers}
    came_from = dict.fromkeys(raters, folder / VOTES)
    for path in files:
        rater, answers = read_answers(path, study)
        if rater in raters:
            raise ValueError(
                f"{path} and {came_from[rater]} are of one rater, {rater}. Leave one of them out."
            )
        raters[rater], came_from[rater] = answers, path
    if not list_votes(study, raters):
        raise ValueError(
            f"Nobody has voted on a pair of {folder} yet. Collect votes: ssagan study serve "
            f"{folder}; or give the files that raters saved."
        )
    return {rater: answers for rater, answers in raters.items() if answers}, damaged


def _tabulate(
    study: Study, raters: Mapping[str, Answers], path: Path, picture: Path
) -> tuple[Table, str]:
    """The table of preferences with its notes; writes the votes and the picture."""
    votes = list_votes(study, raters)
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(votes_files.COLUMNS)
    writer.writerows([x.rater, x.pair, x.left, x.right, x.chosen] for x in votes)
    _write(path, output.getvalue())
    table, sections = preferences.tabulate_preferences(str(path), picture)
    found = scores.count_preferences(votes)  # as the table's lines are
    alphas = [_agreement(votes, {x.first, x.second}) for x in found]
    lines = [{**line, "alpha": x} for line, x in zip(table.lines, alphas, strict=True)]
    notes = "\n".join([sections["Notes"], *(f"- {note}" for note in NOTES)])
    return Table({**table.columns, "alpha": ALPHA}, lines), notes


def _agreement(votes: Sequence[Vote], systems: set[str]) -> str:
    """Krippendorff's alpha of the votes on two systems, in words."""
    units: dict[str, list[str]] = defaultdict(list)
    for vote in votes:
        if {vote.left, vote.right} == systems:
            units[vote.pair].append(vote.chosen)
    alpha = krippendorff_alpha(units.values())
    return "undefined" if alpha is None else f"{alpha:.2f}"


def _line(rater: str, found: Conduct) -> dict[str, str]:
    return {
        "rater": rater,
        "answers": f"{found.answers} of {found.trials}",
        "failed": f"{found.failed} of {found.noise}",
        "changed": f"{found.changed} of {found.repeats}",
        "left": f"{100 * found.left:.0f} %",
        "seconds": f"{found.seconds:.1f}",
    }


def _describe(study: Study, damaged: int) -> str:
    lines = [f"Study {study.name}, seed {study.seed}, {len(study.trials)} trials."]
    lines += [
        f"{system}: {source['reference']}, SHA-256 {source['sha256']}."
        for system, source in study.sources.items()
    ]
    if damaged:
        lines.append(f"{damaged} lines of {VOTES} were torn or damaged, and are left out.")
    return "\n".join(f"- {line}" for line in lines)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _write(path: Path, text: str) -> None:
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")
