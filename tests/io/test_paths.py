"""Paths on a disk, and what is refused before a bucket is asked: buckets are in whole/."""

import sys
from pathlib import Path

import pytest

from ssagan_jax.io import paths


def test_a_folder_is_a_path_as_ever():
    assert paths.path("runs/x") == Path("runs/x") and type(paths.path("x")) is type(Path("x"))
    assert paths.absolute("runs/x") == str(Path("runs/x").absolute())
    assert paths.absolute("gs://bucket/run") == "gs://bucket/run"
    assert paths.resolved("runs/x") == Path("runs/x").resolve()


def test_a_tilde_is_the_users_home(monkeypatch, tmp_path):
    """Shells do not put it in after ``--workdir=``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.path("~/x") == paths.on_disk("~/x", "--to") == tmp_path / "x"
    assert paths.absolute("~/x") == str(tmp_path / "x")
    assert paths.absolute("gs://bucket/~") == "gs://bucket/~"


@pytest.mark.parametrize("where", ["s3://bucket/run", "gs://", "gs:///run", "http://x/run"])
def test_other_places_are_refused(where):
    message = f"{where} cannot be used: expected a folder on a disk, or gs://BUCKET/FOLDER"
    with pytest.raises(ValueError, match=message):
        paths.path(where)


def test_a_bucket_without_gcsfs(monkeypatch):
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    paths._reach.cache_clear()
    message = (
        r"gs://b/run is in a bucket, which needs the package gcsfs: pip .* 'ssagan_jax\[gcs\]'"
    )
    with pytest.raises(ImportError, match=message):
        paths.path("gs://b/run")


def test_what_cannot_be_in_a_bucket():
    assert paths.on_disk("data", "data_dir") == Path("data")
    message = "data_dir is gs://b/x; expected a path on a disk of this machine"
    with pytest.raises(ValueError, match=message):
        paths.on_disk("gs://b/x", "data_dir")


def test_put_takes_the_place_of_a_file(tmp_path):
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("new")
    old.write_text("old")
    paths.put(new, old)
    assert old.read_text() == "new" and not new.exists()


def test_a_mirror_of_a_folder_on_a_disk_is_that_folder(tmp_path):
    mirror = paths.Mirror(tmp_path)
    assert mirror.folder == tmp_path and not mirror.uploads
    (mirror.fetch("lines")).write_text("a")
    mirror.close()
    assert (tmp_path / "lines").read_text() == "a"


def test_sizes_are_those_of_every_file(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b").write_text("12")
    (tmp_path / "a").write_text("1")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert paths.sizes(tmp_path) == {"a": 1, "sub/b": 2}
    assert paths.sizes(tmp_path / "nowhere") == {}
