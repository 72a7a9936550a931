"""Votes of a preference study, from a CSV file."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ssagan_jax.io.text_files import read_text

COLUMNS = ("rater", "pair", "left", "right", "chosen")


@dataclass(frozen=True)
class Vote:
    """One answer to "Which is more realistic?".

    Attributes:
      rater: who.
      pair: which pair of clips (the photo they start from, for instance).
      left, right: the systems whose clips were shown, ``real`` for a real clip.
      chosen: the system that was chosen, one of the two.
    """

    rater: str
    pair: str
    left: str
    right: str
    chosen: str


def read_votes(path: str | Path) -> list[Vote]:
    """Reads a CSV file with the columns rater, pair, left, right, chosen.

    ``chosen`` is ``left``, ``right``, or the name of the chosen system. Other columns are
    ignored.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: naming the line, for a missing column, an empty field, a choice that is
        neither of the two, a system beside itself, a vote cast twice, or no votes at all;
        or if it is not in UTF-8.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"No votes at {path}. Expected a CSV file: {','.join(COLUMNS)}.")
    text = read_text(path).removeprefix("\ufeff")  # a spreadsheet's mark of UTF-8
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise ValueError(
            f"{path} has no column {', '.join(missing)}. Expected a first line with "
            f"{','.join(COLUMNS)}."
        )
    votes = [_vote(row, f"{path}, line {reader.line_num}") for row in reader]
    if not votes:
        raise ValueError(f"{path} holds no votes, only the first line. Collect some first.")
    _refuse_twice(path, votes)
    return votes


def _vote(row: dict, where: str) -> Vote:
    rater, pair, left, right, chosen = ((row[name] or "").strip() for name in COLUMNS)
    for name, value in zip(COLUMNS, (rater, pair, left, right, chosen), strict=True):
        if not value:
            raise ValueError(f"{where}: {name} is empty. Every vote has {', '.join(COLUMNS)}.")
    if left == right:
        raise ValueError(f'{where}: left and right are both "{left}". A vote is between two.')
    chosen = {"left": left, "right": right}.get(chosen, chosen)
    if chosen not in (left, right):
        raise ValueError(f'{where}: chosen is "{chosen}"; expected left, right, {left} or {right}.')
    return Vote(rater, pair, left, right, chosen)


def _refuse_twice(path: Path, votes: list[Vote]) -> None:
    seen = set()
    for vote in votes:
        key = (vote.rater, vote.pair, frozenset((vote.left, vote.right)))
        if key in seen:
            raise ValueError(
                f"{path}: {vote.rater} voted twice on pair {vote.pair}, {vote.left} or "
                f"{vote.right}. Keep one of the two votes."
            )
        seen.add(key)
