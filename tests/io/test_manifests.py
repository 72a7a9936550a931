"""Manifests: every byte of a folder counts, and each fault is one line with the file's name."""

import random

import pytest

from ssagan_jax.io import manifests
from ssagan_jax.io.sealed_json import DamagedFile
from tests.helpers.flips import files, flip_bit


@pytest.fixture
def folder(tmp_path):
    for name, size in (("a.txt", 10), ("sub/b.bin", 4000), ("sub/deep/c", 1), ("empty", 0)):
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.Random(size).randbytes(size))
    manifests.write_manifest(tmp_path / "folder")
    return tmp_path / "folder"


def test_a_whole_folder_has_no_fault(folder):
    assert manifests.has_manifest(folder) and not manifests.has_manifest(folder / "sub")
    assert manifests.read_manifest(folder)["sub/b.bin"]["size"] == 4000
    assert manifests.find_faults(folder) == manifests.find_wrong_sizes(folder) == []
    folder.rename(folder.with_name("moved"))
    assert manifests.find_faults(folder.with_name("moved")) == []


@pytest.mark.parametrize("name", ["a.txt", "sub/b.bin", "sub/deep/c", "manifest.json"])
def test_a_flipped_bit_is_found_and_named(folder, name):
    path = folder / name
    for bit in (0, 4 * path.stat().st_size, 8 * path.stat().st_size - 9):
        flip_bit(path, bit % (8 * path.stat().st_size))
        [fault] = manifests.find_faults(folder)
        assert fault.startswith(name), fault
        flip_bit(path, bit % (8 * path.stat().st_size))
    assert manifests.find_faults(folder) == []


def test_what_is_wrong_is_said(folder):
    (folder / "a.txt").write_bytes(b"other text")
    (folder / "sub" / "b.bin").write_bytes(b"short")
    (folder / "sub" / "deep" / "c").unlink()
    (folder / "empty").write_bytes(b"1")
    faults = dict(zip(("a", "empty", "b", "c"), manifests.find_faults(folder), strict=True))
    assert faults["a"].startswith("a.txt: its SHA-256 is ") and "..., expected " in faults["a"]
    assert faults["empty"] == "empty has 1 bytes, expected 0"
    assert faults["b"] == "sub/b.bin has 5 bytes, expected 4000"
    assert faults["c"] == "sub/deep/c is missing"
    assert manifests.find_wrong_sizes(folder) == [faults[name] for name in ("empty", "b", "c")]


def test_some_parts_alone(folder):
    (folder / "a.txt").unlink()
    assert manifests.find_faults(folder, ["sub"]) == []
    assert manifests.find_faults(folder, ["sub", "a.txt"]) == ["a.txt is missing"]


def test_a_file_that_came_later_is_no_fault(folder):
    (folder / "sub" / "later").touch()
    assert manifests.find_faults(folder) == []
    assert "sub/later" in manifests.list_sizes(folder)


def test_a_manifest_that_is_not_as_written_is_the_fault(folder):
    for text in ("", '{"files": {}}', "nothing"):
        (folder / "manifest.json").write_text(text)
        [fault] = manifests.find_faults(folder)
        assert fault.startswith("manifest.json is damaged: ")


def test_one_of_a_later_version(folder, monkeypatch):
    monkeypatch.setattr(manifests, "_FORMAT", 2)
    with pytest.raises(DamagedFile, match=r"has format 1, expected 2\. Update ssagan_jax"):
        manifests.read_manifest(folder)


def test_it_is_written_anew(folder):
    (folder / "a.txt").write_bytes(b"new")
    manifests.write_manifest(folder)
    assert manifests.find_faults(folder) == []
    assert len(files(folder)) == 5
