"""Answers from outside: nothing is trusted."""

import json

import pytest

from ssagan_jax.reproduce.study import answers
from ssagan_jax.reproduce.study.answers import Answer
from ssagan_jax.reproduce.study.design import Trial
from ssagan_jax.reproduce.study.folder import Study
from tests.helpers.studies import answer

TRIALS = tuple(Trial(name, "pair", name, ("a", "b")) for name in ("p", "q"))
STUDY = Study("s", 0, ("a", "b"), {}, 25, 8, 8, 32, TRIALS, {})
CODE = "ABCD2345"


def test_codes_are_random_and_known_as_such():
    codes = {answers.new_code() for _ in range(50)}
    assert len(codes) == 50 and all(map(answers.is_code, codes))
    for no_code in ("", "abcd2345", "ABCD234", "ABCD23451", "ABCD-345", "ABCD0O1I", None, 7):
        assert not answers.is_code(no_code)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trial": "x"}, "a trial that the study does not have"),
        ({"trial": ["p"]}, "a trial that the study does not have"),
        ({"left": 2}, "left is 0 or 1"),
        ({"left": True}, "left is 0 or 1"),
        ({"chosen": "1"}, "chosen is 0 or 1"),
        ({"chosen": 1.0}, "chosen is 0 or 1"),
        ({"seconds": -1}, "seconds is a number from 0"),
        ({"seconds": float("nan")}, "seconds is a number from 0"),
        ({"seconds": float("inf")}, "seconds is a number from 0"),
        ({"seconds": "1"}, "seconds is a number from 0"),
        ({"name": "Ann"}, "expected an object with chosen, left, seconds, trial"),
    ],
)
def test_what_is_no_answer(change, message):
    with pytest.raises(ValueError, match=message):
        answers.parse_answer(answer("p") | change, STUDY.by_name)


def test_a_page_left_open_for_days_took_a_day():
    long = answers.parse_answer(answer("p") | {"seconds": 10**6}, STUDY.by_name)
    assert long.seconds == 24 * 3600


def saved(tmp_path, **change):
    path = tmp_path / "answers.json"
    content = {"schema": 1, "study": "s", "rater": CODE, "answers": [answer("p", chosen=1)]}
    path.write_text(json.dumps(content | change))
    return path


def test_a_file_of_answers(tmp_path):
    found = answers.read_answers(saved(tmp_path), STUDY)
    assert found == (CODE, {"p": Answer("p", 0, 1, 1.5)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "holds no answers of schema 1"),
        ({"study": "other"}, "holds answers to another study"),
        ({"rater": "../../x"}, "has no rater's code with a list of answers"),
        ({"answers": {}}, "has no rater's code with a list of answers"),
        ({"answers": [answer("q"), 7]}, "answer 2: expected an object"),
        ({"answers": [answer("q"), answer("q")]}, "answer 2: it is of a trial answered before"),
    ],
)
def test_files_that_are_refused(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        answers.read_answers(saved(tmp_path, **change), STUDY)


def test_files_that_are_no_files_of_answers(tmp_path):
    path = tmp_path / "answers.json"
    with pytest.raises(FileNotFoundError, match=r"No answers at .*json. Give files that"):
        answers.read_answers(path, STUDY)
    for content, message in [
        (b"[" * 100_000, "damaged, or no JSON"),
        (b"\xff", "no text in UTF-8"),
        (b"[]", "holds no answers of schema 1"),
        (b" " * (4 * 2**20 + 1), "is larger than 4 MiB"),
    ]:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            answers.read_answers(path, STUDY)
