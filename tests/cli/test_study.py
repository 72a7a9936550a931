"""``ssagan study``: its options, and a study from clips to scores."""

import builtins

import pytest

from ssagan_jax.cli.main import main
from ssagan_jax.reproduce.study import serving
from ssagan_jax.reproduce.study.folder import read_study
from tests.helpers.commands import refused
from tests.helpers.studies import answer_file, write_clips


def test_from_clips_to_scores(tmp_path, capsys, monkeypatch):
    a, b, real = (
        write_clips(tmp_path / f"{x}.npz", (9, 9, 9)) for x in ("ours", "other", "filmed")
    )
    folder = f"{tmp_path}/study"
    made = [f"--a={a}", f"--b={b}", f"--real={real}", "--pairs=2", "--seed=3", "--fps=10"]
    assert main(["study", "make", *made, "-o", folder]) == 0
    study = read_study(tmp_path / "study")
    assert (study.systems, study.seed, study.fps) == (("ours", "other", "real"), 3, 10)
    assert "10 pairs for each rater. Edit consent.md" in capsys.readouterr().out
    assert main(["study", "export", folder, "-o", f"{tmp_path}/site"]) == 0
    assert (tmp_path / "site" / "index.html").exists()
    file = answer_file(tmp_path / "x.json", study, "ABCD2345", lambda trial: trial.halves[0])
    options = ["--most-failed=0", "-o", f"{tmp_path}/scores"]
    assert main(["study", "score", folder, str(file), *options]) == 0
    assert "| ABCD2345 |" in (tmp_path / "scores" / "scores.md").read_text()
    asked = []
    monkeypatch.setattr(serving, "serve", lambda path, **options: asked.append((path, options)))
    assert main(["study", "serve", folder]) == 0
    assert main(["study", "serve", folder, "--host=0.0.0.0", "--port=9"]) == 0
    assert [options for _, options in asked] == [
        {"host": "127.0.0.1", "port": 8000},
        {"host": "0.0.0.0", "port": 9},
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("make --a=x -o y", "study make needs --b=DIR"),
        ("make --a=x --b=y", "study make needs --output=DIR"),
        ("make S --a=x --b=y", "study make takes options only"),
        ("serve", "study serve needs a study's folder"),
        ("serve S --pairs=3", "--pairs is not an option of study serve"),
        ("export S", "study export needs --output=DIR"),
        ("export S x.json -o y", "FILE is not an option of study export"),
        ("score S --most-failed=-1", "--most-failed is -1; expected"),
        ("make --a=x --b=y -o z --seed=-1", "--seed is -1; expected"),
        ("make --a=none --b=y -o z", "none does not exist"),
    ],
)
def test_options_that_cannot_be(capsys, words, message):
    assert message in refused(capsys, "study", *words.split())


def test_without_the_packages_of_the_server(monkeypatch, capsys):
    there = builtins.__import__

    def missing(name, *rest):
        if name.startswith("ssagan_jax.reproduce.study"):
            raise ModuleNotFoundError("No module named 'starlette'", name="starlette")
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    told = refused(capsys, "study", "serve", "x")
    assert "ssagan study serve needs the package starlette: pip install 'ssagan_jax[demo]'" in told
