"""The study as static files."""

import json

import pytest

from ssagan_jax.reproduce.study import exporting
from ssagan_jax.reproduce.study.folder import read_study
from tests.helpers.studies import make_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("made"), pairs=3)


def test_what_is_exported_and_what_is_not(folder, tmp_path):
    exporting.export_study(folder, tmp_path / "site")
    study = read_study(folder)
    there = {p.relative_to(tmp_path / "site").as_posix() for p in (tmp_path / "site").rglob("*.*")}
    assert {"index.html", "about.json", "static/app.js", "static/style.css"} <= there
    films = {name for name in there if name.startswith("clips/")}
    assert films == {f"clips/{trial.name}.mp4" for trial in study.trials}
    text = (tmp_path / "site" / "about.json").read_text()
    told = json.loads(text)
    assert told["names"] == [trial.name for trial in study.trials]
    assert len(told["orders"]) == exporting.ORDERS
    for order in told["orders"]:
        assert sorted(trial for trial, _ in order) == list(range(len(study.trials)))
    for secret in ("ssagan", "mdgan", "noise", "pair", "seed"):
        assert secret not in json.dumps({key: x for key, x in told.items() if key != "consent"})


def test_a_folder_with_something_in_it_is_refused(folder, tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FileExistsError, match=r"is not empty. Choose a new folder"):
        exporting.export_study(folder, tmp_path)


def test_nothing_is_public_of_a_study_without_films(folder, tmp_path):
    (tmp_path / "study.json").write_bytes((folder / "study.json").read_bytes())
    (tmp_path / "consent.md").write_text("Yes.")
    with pytest.raises(FileNotFoundError, match="lacks 7 of 7 films"):
        exporting.export_study(tmp_path, tmp_path / "site")
    assert not (tmp_path / "site").exists()
