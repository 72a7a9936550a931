"""What a study found, from answers to the table of preferences."""

import csv

import pytest
from PIL import Image

from ssagan_jax.reproduce import preferences, study_report
from ssagan_jax.reproduce.study.answers import Answer, new_code
from ssagan_jax.reproduce.study.ballots import open_ballots
from ssagan_jax.reproduce.study.design import NOISE, PAIR
from ssagan_jax.reproduce.study.folder import read_study
from tests.helpers.studies import answer_file, make_study


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("made"), systems=("ssagan", "mdgan", "real"), pairs=6)


@pytest.fixture
def folder(made, tmp_path):
    """The study, without votes of other tests."""
    for name in ("study.json", "consent.md"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return tmp_path


def best(*order):
    """Chooses the system that comes first."""
    return lambda trial: min(trial.halves, key=order.index)


ATTENTIVE = best("real", "ssagan", "mdgan", NOISE)
CARELESS = best(NOISE, "mdgan", "ssagan", "real")


def rated(folder, choices):
    """Files of raters, by how each chooses."""
    study = read_study(folder)
    return [
        answer_file(folder / f"{number}.json", study, new_code(), choose)
        for number, choose in enumerate(choices)
    ]


def by_label(path):
    with path.open(newline="") as file:
        return {row["label"]: row for row in csv.DictReader(file)}


def test_preferences_with_and_without_those_who_chose_noise(folder, capsys):
    files = rated(folder, [ATTENTIVE, ATTENTIVE, CARELESS])
    output = study_report.score_study(folder, files)
    assert output == folder / "scores"
    everyone = by_label(output / "scores.csv")
    assert set(everyone) == {"ssagan over mdgan", "ssagan over real", "mdgan over real"}
    assert float(everyone["ssagan over mdgan"]["pos"]) == pytest.approx(1000 * 12 / 18)
    assert float(everyone["ssagan over real"]["pos"]) == pytest.approx(1000 * 6 / 18)
    attentive = by_label(output / "scores_attentive.csv")
    assert float(attentive["ssagan over mdgan"]["pos"]) == 1000
    assert float(attentive["mdgan over real"]["pos"]) == 0
    assert attentive["mdgan over real"]["alpha"] == "undefined"  # all agree on one
    # Per pair two of three agree: 1 - (n - 1) * sum (m^2 - sum n^2) / (m - 1) / (n^2 - sum n^2).
    assert everyone["ssagan over mdgan"]["alpha"] == f"{1 - 17 * 6 * 2 / 144:.2f}"
    for name in ("scores.png", "scores_attentive.png"):
        with Image.open(output / name) as picture:
            assert picture.format == "PNG"
    text = (output / "scores.md").read_text()
    assert "## Without raters who chose noise more than once" in text
    assert text in capsys.readouterr().out


def test_conduct_of_raters(folder):
    files = rated(folder, [ATTENTIVE, CARELESS])
    study_report.score_study(folder, files, output=folder / "other")
    output = study_report.score_study(folder, files, most_failed=9, output=folder / "other")
    with (output / "raters.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    trials = len(read_study(folder).trials)
    assert [row["failed"] for row in rows] == ["0 of 2", "2 of 2"]
    assert [row["changed"] for row in rows] == ["0 of 2", "0 of 2"]
    assert {row["answers"] for row in rows} == {f"{trials} of {trials}"}
    assert "no raters who chose noise more than 9 times" in (output / "scores.md").read_text()
    assert not list(output.glob("*_attentive.*"))  # none, and none of the report before


def test_nobody_is_left(folder):
    output = study_report.score_study(folder, rated(folder, [CARELESS]))
    text = (output / "scores.md").read_text()
    assert "Without raters who chose noise more than once, nobody is left." in text


def test_the_table_of_preferences_takes_the_votes(folder, tmp_path):
    output = study_report.score_study(folder, rated(folder, [ATTENTIVE] * 5))
    table, _ = preferences.tabulate_preferences(str(output / "votes.csv"), tmp_path / "pos.png")
    found = {line["label"]: line["significant"] for line in table.lines}
    assert found["ssagan over mdgan"] == "yes, for ssagan"
    assert found["ssagan over real"] == "yes, for real"


def test_votes_of_the_server_and_of_files_together(folder):
    study = read_study(folder)
    pair = next(x for x in study.trials if set(x.halves) == {"ssagan", "mdgan"} and x.kind == PAIR)
    for silent in (True, False):
        with open_ballots(folder, study.by_name) as ballots:
            rater = new_code()
            ballots.begin(rater)
            if not silent:
                ballots.vote(rater, Answer(pair.name, 1, pair.halves.index("mdgan"), 2.0))
    output = study_report.score_study(folder, rated(folder, [ATTENTIVE]))
    line = by_label(output / "scores.csv")["ssagan over mdgan"]
    assert line["votes"] == "6 of 7" and line["raters"] == "2"
    with (output / "votes.csv").open(newline="") as file:
        vote = next(row for row in csv.DictReader(file) if row["rater"] == rater)
    assert vote["left"] == pair.halves[1] and vote["chosen"] == "mdgan"
    assert vote["pair"] == pair.pair


def test_one_rater_twice(folder):
    [path] = rated(folder, [ATTENTIVE])
    with pytest.raises(ValueError, match=r"json and .*json are of one rater, \w{8}\. Leave one"):
        study_report.score_study(folder, [path, path])


def test_no_votes(folder):
    with pytest.raises(ValueError, match=r"Nobody has voted on a pair of .*ssagan study serve"):
        study_report.score_study(folder)
    assert not (folder / "scores").exists()
