"""How well each saved step did."""

import pytest

from ssagan_jax.checkpoints.scores import SCORES, best_of, read_scores, write_scores
from ssagan_jax.io.sealed_json import DamagedFile


def test_what_is_written_comes_back(tmp_path):
    assert read_scores(tmp_path) == {}
    write_scores(tmp_path, {4: 25.5, 10: 24.0})
    assert read_scores(tmp_path) == {4: 25.5, 10: 24.0}


def test_earlier_versions_wrote_them_into_each_checkpoint(tmp_path):
    for step, text in (("2", '{"score": 20.0}'), ("4", "{}"), ("6", "")):
        (tmp_path / step / "metrics").mkdir(parents=True)
        (tmp_path / step / "metrics" / "metrics").write_text(text)
    write_scores(tmp_path, {8: 21.0})
    assert read_scores(tmp_path) == {2: 20.0, 8: 21.0}


def test_a_damaged_file_is_named(tmp_path):
    write_scores(tmp_path, {4: 25.5})
    file = tmp_path / SCORES
    file.write_text(file.read_text().replace("25.5", "95.5"))
    with pytest.raises(DamagedFile, match=r"scores\.json is damaged: its SHA-256.* or delete it"):
        read_scores(tmp_path)


def test_a_score_that_is_no_number_is_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_scores(tmp_path, {4: float("nan")})


def test_best_is_the_highest_and_the_latest_of_equals():
    assert best_of({1: 9.0, 2: 5.0, 3: 5.0, 4: 1.0}, [2, 3, 4, 5]) == 3
    assert best_of({1: 9.0}, [2]) is None
