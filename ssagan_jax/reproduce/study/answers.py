"""Raters' answers: what one says, codes of raters, and files that a browser saved.

Nothing from outside is trusted: each answer is checked against the study.
"""

import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from ssagan_jax.io import text_files
from ssagan_jax.reproduce.study.design import Trial
from ssagan_jax.reproduce.study.folder import SCHEMA, Study

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are taken for another
_CODE = re.compile(rf"[{_LETTERS}]{{8}}")
_LONGEST = 24 * 3600  # seconds for one answer; of a page left open for longer, so many
_LARGEST = 4 * 2**20  # bytes of a file of answers
_FIELDS = {"trial", "left", "chosen", "seconds"}
_CHOICES = (0, 1)


@dataclass(frozen=True)
class Answer:
    """One choice.

    Attributes:
      trial: the trial's name.
      left: which half of the film was on the left: 0 as in the film, 1 swapped.
      chosen: which half of the film was chosen, 0 or 1.
      seconds: from when both clips were there.
    """

    trial: str
    left: int
    chosen: int
    seconds: float


Answers = dict[str, Answer]  # by trial


def new_code() -> str:
    """The code of a new rater: 40 random bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def is_code(text: Any) -> TypeGuard[str]:
    """Whether this may be a rater's code."""
    return isinstance(text, str) and _CODE.fullmatch(text) is not None


def parse_answer(content: Any, trials: Mapping[str, Trial]) -> Answer:
    """An answer of what JSON holds.

    Raises:
      ValueError: saying what is wrong.
    """
    if not isinstance(content, dict) or set(content) != _FIELDS:
        raise ValueError(f"expected an object with {', '.join(sorted(_FIELDS))}")
    trial, seconds = content["trial"], content["seconds"]
    if not isinstance(trial, str) or trial not in trials:
        raise ValueError("it is of a trial that the study does not have")
    for name in ("left", "chosen"):
        if type(content[name]) is not int or content[name] not in _CHOICES:
            raise ValueError(f"{name} is 0 or 1")
    if type(seconds) not in (int, float) or not (0 <= seconds < math.inf):
        raise ValueError("seconds is a number from 0")
    return Answer(trial, content["left"], content["chosen"], float(min(seconds, _LONGEST)))


def read_answers(path: Path, study: Study) -> tuple[str, Answers]:
    """A rater's code and answers, from a file that the exported page saved.

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: naming it, if it is too large, no JSON, of another study or not as expected.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No answers at {path}. Give files that raters' browsers saved.")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"{path} is larger than {_LARGEST // 2**20} MiB: no file of answers.")
    content = text_files.read_json(path)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ValueError(f"{path} holds no answers of schema {SCHEMA}. Give what the page saved.")
    if content.get("study") != study.name:
        raise ValueError(f"{path} holds answers to another study. Give those to this one.")
    rater, listed = content.get("rater"), content.get("answers")
    if not is_code(rater) or not isinstance(listed, list):
        raise ValueError(f"{path} has no rater's code with a list of answers. Leave it out.")
    found: Answers = {}
    for number, item in enumerate(listed, start=1):
        try:
            answer = parse_answer(item, study.by_name)
            if answer.trial in found:
                raise ValueError("it is of a trial answered before")
        except ValueError as error:
            raise ValueError(f"{path}, answer {number}: {error}. Leave the file out.") from error
        found[answer.trial] = answer
    return rater, found
