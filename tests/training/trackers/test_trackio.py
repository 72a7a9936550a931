"""Trackio with a folder on this disk."""

import sqlite3

import pytest

from tests.helpers.tracked import track

# Its own folder is read when it is imported.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_a_run_and_the_same_run_again(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    pytest.importorskip("trackio", reason="the extra trackio is not installed")
    first = track("trackio", tmp_path / "sky")
    second = track("trackio", tmp_path / "sky", step=9)
    assert first == second and first.startswith("sky-")
    assert "has stopped" not in capfd.readouterr().err
    files = list((tmp_path / "trackio").rglob("*"))
    assert len([file for file in files if file.suffix == ".gif"]) == 2
    (database,) = [file for file in files if file.suffix == ".db"]
    with sqlite3.connect(database) as opened:
        rows = list(opened.execute("select run_name, step, metrics from metrics order by step"))
    assert {name for name, _, _ in rows} == {first}
    assert {step for _, step, _ in rows} == {1, 9}
    assert any(b"g/l1" in bytes(metrics) for _, _, metrics in rows)
