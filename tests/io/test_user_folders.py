"""Users without a home, or with one that nobody can write to."""

from pathlib import Path

import pytest

from ssagan_jax.io import user_folders
from ssagan_jax.io.user_folders import cache_folder, expanded


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """No folder from an earlier test, and temporary ones in a folder of the test."""
    user_folders._temporary.cache_clear()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("MPLCONFIGDIR", "/mine")
    yield
    user_folders._temporary.cache_clear()


@pytest.fixture
def homeless(monkeypatch):
    def expanduser(path):
        if str(path).startswith("~"):
            raise RuntimeError("Could not determine home directory.")
        return path

    monkeypatch.setattr(Path, "expanduser", expanduser)


def test_caches_are_in_the_users_folder(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("xla") == tmp_path / ".cache" / "ssagan_jax" / "xla"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    assert cache_folder("xla") == tmp_path / "mine" / "ssagan_jax" / "xla"
    assert not capsys.readouterr().err


def test_without_a_home_they_are_in_a_temporary_one_with_one_note(homeless, tmp_path, capsys):
    folder = cache_folder("xla").parent
    assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    assert cache_folder("metrics") == folder / "metrics"
    assert capsys.readouterr().err.count(f"are in {folder} until this process ends") == 1


def test_so_they_are_where_the_home_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert cache_folder("xla").parent.name.startswith("ssagan-cache-")


def test_a_path_in_a_home_that_is_not_known(homeless, tmp_path):
    assert expanded(tmp_path) == tmp_path
    with pytest.raises(ValueError, match=r"~/data: the home folder that ~ stands for is not known"):
        expanded("~/data")
