"""Votes on the disk: acknowledged ones stay, torn ones hurt nobody."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from ssagan_jax.reproduce.study import ballots
from ssagan_jax.reproduce.study.answers import Answer, new_code
from ssagan_jax.reproduce.study.design import Trial
from ssagan_jax.reproduce.study.folder import VOTES

TRIALS = {name: Trial(name, "pair", name, ("a", "b")) for name in ("p", "q", "r")}
CODE = "ABCD2345"


def opened(folder):
    return ballots.open_ballots(folder, TRIALS)


def test_votes_are_there_again_and_the_last_counts(tmp_path):
    with opened(tmp_path) as found:
        found.begin(CODE)
        found.vote(CODE, Answer("p", 0, 0, 1.0))
        found.vote(CODE, Answer("q", 1, 0, 1.0))
        found.vote(CODE, Answer("p", 0, 1, 2.0))
        assert found.count_votes(CODE) == 3
        before = found.raters
    with opened(tmp_path) as found:
        assert (
            found.raters
            == before
            == {CODE: {"p": Answer("p", 0, 1, 2.0), "q": Answer("q", 1, 0, 1.0)}}
        )
    lines = (tmp_path / VOTES).read_text().splitlines()
    assert json.loads(lines[1]) == {
        **{"schema": 1, "rater": CODE, "trial": "p", "left": 0, "chosen": 0, "seconds": 1.0}
    }


def test_a_torn_line_is_passed_over_and_the_next_is_whole(tmp_path):
    with opened(tmp_path) as found:
        found.begin(CODE)
        found.vote(CODE, Answer("p", 0, 0, 1.0))
    with (tmp_path / VOTES).open("ab") as file:
        file.write(b'{"schema": 1, "rater": "ABCD2345", "trial": "q", "le')
    with opened(tmp_path) as found:
        found.vote(CODE, Answer("r", 0, 0, 1.0))
    raters, damaged = ballots.read_ballots(tmp_path / VOTES, TRIALS)
    assert list(raters[CODE]) == ["p", "r"] and damaged == 1


def test_lines_that_say_nothing_right_are_counted(tmp_path):
    lines = ["{}", '{"schema": 1, "rater": "x"}', '{"schema": 2, "rater": "ABCD2345"}', "[]"]
    (tmp_path / VOTES).write_text("\n".join(lines) + "\n")
    assert ballots.read_ballots(tmp_path / VOTES, TRIALS) == ({}, 4)
    assert ballots.read_ballots(tmp_path / "none", TRIALS) == ({}, 0)


def test_a_vote_is_on_the_disk_before_it_counts(tmp_path, monkeypatch):
    with opened(tmp_path) as found:
        found.begin(CODE)
        synced = []
        monkeypatch.setattr(ballots.os, "fsync", lambda file: synced.append(dict(found.raters)))
        found.vote(CODE, Answer("p", 0, 0, 1.0))
        assert synced == [{CODE: {}}] or len(synced) == 1


def test_a_full_disk_leaves_no_half_of_a_vote(tmp_path, monkeypatch):
    with opened(tmp_path) as found:
        found.begin(CODE)
        size, write = (tmp_path / VOTES).stat().st_size, os.write
        monkeypatch.setattr(ballots.os, "write", lambda file, line: write(file, line[:9]))
        with pytest.raises(OSError, match="the disk is full"):
            found.vote(CODE, Answer("p", 0, 0, 1.0))
        assert (tmp_path / VOTES).stat().st_size == size
        assert found.raters == {CODE: {}}


def test_many_threads_lose_nothing(tmp_path):
    codes = [new_code() for _ in range(20)]

    def rate(code):
        found.begin(code)
        for name in TRIALS:
            found.vote(code, Answer(name, 0, 1, 1.0))

    with opened(tmp_path) as found, ThreadPoolExecutor(20) as pool:
        list(pool.map(rate, codes))
    raters, damaged = ballots.read_ballots(tmp_path / VOTES, TRIALS)
    assert damaged == 0 and set(raters) == set(codes)
    assert all(set(answers) == set(TRIALS) for answers in raters.values())


def test_one_server_at_a_time(tmp_path):
    again = opened(tmp_path)
    with opened(tmp_path), pytest.raises(OSError, match="is served by another process already"):
        again.__enter__()
    with opened(tmp_path):
        pass
