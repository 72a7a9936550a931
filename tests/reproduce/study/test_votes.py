"""Votes as files have them, good and bad."""

import pytest

from ssagan_jax.reproduce.study.votes import Vote, read_votes

HEAD = "rater,pair,left,right,chosen\n"


def written(tmp_path, text):
    path = tmp_path / "votes.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_chosen_is_a_side_or_a_name(tmp_path):
    path = written(
        tmp_path,
        "note,rater,pair,left,right,chosen\n"
        "x,ann,7,ssagan,real,left\n,ann,8,ssagan,real, right\n,bob,7,real,ssagan,ssagan\n",
    )
    assert read_votes(path) == [
        Vote("ann", "7", "ssagan", "real", "ssagan"),
        Vote("ann", "8", "ssagan", "real", "real"),
        Vote("bob", "7", "real", "ssagan", "ssagan"),
    ]


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No votes at .*Expected a CSV file: rater,pair"):
        read_votes(tmp_path / "no.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column rater, pair, left, right, chosen"),
        ("rater,pair,left,chosen\na,1,x,x\n", "has no column right"),
        (HEAD, "holds no votes, only the first line"),
        (HEAD + "a,1,x,y,z\n", 'line 2: chosen is "z"; expected left, right, x or y'),
        (HEAD + "a,1,x,y,left\n,2,x,y,left\n", "line 3: rater is empty"),
        (HEAD + "a,1,x,y\n", "line 2: chosen is empty"),
        (HEAD + "a,1,x,x,left\n", 'left and right are both "x"'),
        (HEAD + "a,1,x,y,left\na,1,y,x,left\n", "a voted twice on pair 1, y or x"),
    ],
)
def test_bad_files_are_refused(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_votes(written(tmp_path, text))


def test_a_file_in_another_encoding_is_named(tmp_path):
    (tmp_path / "votes.csv").write_bytes(b"rater,pair\xe9\n")
    with pytest.raises(ValueError, match=r"votes\.csv is damaged, or no text in UTF-8"):
        read_votes(tmp_path / "votes.csv")


def test_one_pair_of_clips_may_be_voted_on_for_other_systems(tmp_path):
    path = written(tmp_path, HEAD + "a,1,x,y,left\na,1,x,real,left\n")
    assert len(read_votes(path)) == 2
