"""The folder of a study."""

import dataclasses
import json

import pytest

from ssagan_jax.reproduce.study import folder as folders
from ssagan_jax.reproduce.study.design import Trial
from ssagan_jax.reproduce.study.folder import Study

TRIALS = (Trial("00ff", "pair", "photo7", ("ssagan", "real")),)
STUDY = Study("5eed", 3, ("ssagan", "real"), {"ssagan": {}}, 25, 8, 9, 32, TRIALS, {"ssagan": {}})


def test_a_study_comes_back(tmp_path):
    folders.write_study(tmp_path, STUDY)
    assert folders.read_study(tmp_path) == STUDY
    assert json.loads((tmp_path / "study.json").read_text())["schema"] == 1


def test_no_study(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No study at .*ssagan study make"):
        folders.read_study(tmp_path)


def test_an_altered_key_is_told(tmp_path):
    folders.write_study(tmp_path, STUDY)
    path = tmp_path / "study.json"
    path.write_text(path.read_text().replace('"real"', '"ours"'))
    with pytest.raises(ValueError, match=r"study.json is damaged"):
        folders.read_study(tmp_path)


def test_a_later_schema(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "SCHEMA", 2)
    folders.write_study(tmp_path, STUDY)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"has schema 2, expected 1. Update ssagan_jax"):
        folders.read_study(tmp_path)


def test_the_consent_is_the_editors(tmp_path):
    folders.write_study(tmp_path, STUDY)
    assert "No names are kept" in folders.read_consent(tmp_path)
    (tmp_path / "consent.md").unlink()
    (tmp_path / "consent.txt").write_text("Read me.\n")
    assert folders.read_consent(tmp_path) == "Read me."
    folders.write_study(tmp_path, dataclasses.replace(STUDY, seed=4))
    assert folders.read_consent(tmp_path) == "Read me."
    for text, message in [("", "has 0 characters"), ("x" * 20_001, "expected 1 to 20,000")]:
        (tmp_path / "consent.txt").write_text(text)
        with pytest.raises(ValueError, match=message):
            folders.read_consent(tmp_path)
    (tmp_path / "consent.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no consent\.md"):
        folders.read_consent(tmp_path)


def test_the_page_is_told_nothing_of_systems():
    told = json.dumps(folders.describe(STUDY, "Hello."))
    assert "Hello." in told
    for secret in ("ssagan", "real", "photo7", "pair", "seed"):
        assert secret not in told.replace('"trials"', "")


def test_missing_films(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"lacks 1 of 1 films, among them 00ff\.mp4"):
        folders.check_clips(tmp_path, STUDY)
