"""The votes of a study that is served: one JSON line each, on the disk before it is acknowledged.

A line is a rater who begins, or a vote; of several votes of a rater on one trial the last counts.
A line that was torn (its server was killed as it wrote) was never acknowledged, and is passed over.
"""

import contextlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ssagan_jax.io import exclusive, json_lines
from ssagan_jax.reproduce.study.answers import Answer, Answers, is_code, parse_answer
from ssagan_jax.reproduce.study.design import Trial
from ssagan_jax.reproduce.study.folder import SCHEMA, VOTES

_LOCK = ".votes.lock"


class Ballots:
    """Raters and their answers, in memory and on the disk. Any thread may use it.

    Attributes:
      raters: the answers of each rater, by code.
    """

    def __init__(self, folder: Path, trials: Mapping[str, Trial]):
        path = folder / VOTES
        self.raters, _ = read_ballots(path, trials)
        self._written = {rater: len(answers) for rater, answers in self.raters.items()}
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")  # the end of a torn line
        _sync_folder(folder)

    def begin(self, rater: str) -> None:
        """Adds a rater; returns once that is on the disk."""
        with self._lock:
            self._append({"rater": rater})
            self.raters[rater], self._written[rater] = {}, 0

    def vote(self, rater: str, answer: Answer) -> None:
        """Adds a vote of a known rater; returns once it is on the disk."""
        with self._lock:
            self._append({"rater": rater, **asdict(answer)})
            self.raters[rater][answer.trial] = answer
            self._written[rater] += 1

    def count_votes(self, rater: str) -> int:
        """How often a rater voted, with votes that later ones replaced."""
        return self._written[rater]

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)

    def _append(self, record: dict[str, Any]) -> None:
        line = json.dumps({"schema": SCHEMA, **record}).encode() + b"\n"
        size = os.fstat(self._file).st_size
        try:
            if os.write(self._file, line) != len(line):
                raise OSError("the disk is full")
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, size)  # what was not acknowledged is not there
            raise


@contextlib.contextmanager
def open_ballots(folder: Path, trials: Mapping[str, Trial]) -> Iterator[Ballots]:
    """The ballots of a study, for one process at a time.

    Raises:
      OSError: if another process has them, or they cannot be written.
    """

    def refuse() -> None:
        raise OSError(f"{folder} is served by another process already. Stop that one first.")

    with (
        exclusive.holding(folder / _LOCK, refuse),
        contextlib.closing(Ballots(folder, trials)) as x,
    ):
        yield x


def read_ballots(path: Path, trials: Mapping[str, Trial]) -> tuple[dict[str, Answers], int]:
    """Each rater's answers, and how many lines were damaged; nothing if there is no such file.

    Raises:
      OSError: if the file cannot be read.
    """
    raters: dict[str, Answers] = {}
    damaged = 0
    for line in json_lines.read_lines(path, key="schema") if path.exists() else []:
        try:
            rater, answer = _parse(line.record, trials)
        except ValueError:
            damaged += 1
            continue
        answers = raters.setdefault(rater, {})
        if answer:
            answers[answer.trial] = answer
    return raters, damaged


def _parse(record: Any, trials: Mapping[str, Trial]) -> tuple[str, Answer | None]:
    if record is None or record["schema"] != SCHEMA or not is_code(record.get("rater")):
        raise ValueError("no line of a rater")
    rest = {key: value for key, value in record.items() if key not in ("schema", "rater")}
    return record["rater"], parse_answer(rest, trials) if rest else None


def _sync_folder(folder: Path) -> None:
    """Puts the folder itself on the disk: a new file is only there with it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
