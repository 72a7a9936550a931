"""Files of a hub on this machine: whole, gone on with, damaged, refused."""

import pytest

from ssagan_jax.io.sealed_json import DamagedFile
from tests.helpers.hub_server import COMMIT, Hub, serve, use_hub_at

pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")
from ssagan_jax.io import hub

CONTENT = bytes(range(256)) * 4000


@pytest.fixture(name="served")
def served_fixture(monkeypatch):
    served = Hub()
    served.add("org/set", {"a/clip.bin": CONTENT, "README.md": b"words"})
    with serve(served) as address:
        use_hub_at(address, monkeypatch)
        yield served


def test_a_repository_lists_its_files(served):
    found = hub.open_repository("org/set", kind="dataset")
    assert found.commit == COMMIT
    assert {file.name: file.size for file in found.files} == {
        "a/clip.bin": len(CONTENT),
        "README.md": 5,
    }


def test_a_file_comes_whole(served, tmp_path):
    found = hub.open_repository("org/set", kind="dataset")
    path = hub.fetch_file(found, found.files[0], tmp_path)
    assert path == tmp_path / "a" / "clip.bin"
    assert path.read_bytes() == CONTENT


def test_a_download_goes_on_where_it_stopped(served, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 100_000)
    found = hub.open_repository("org/set", kind="dataset")
    served.cut_after = 500_000
    assert hub.fetch_file(found, found.files[0], tmp_path).read_bytes() == CONTENT
    ranges = [asked for method, _, asked in served.requests if method == "GET" and asked]
    assert ranges == ["bytes=500000-"]


def test_other_bytes_than_promised_are_refused_and_deleted(served, tmp_path):
    served.wrong.add("a/clip.bin")
    found = hub.open_repository("org/set", kind="dataset")
    with pytest.raises(DamagedFile, match=r"clip\.bin of org/set came damaged: its SHA-256 is"):
        hub.fetch_file(found, found.files[0], tmp_path)
    assert not (tmp_path / "a" / "clip.bin").exists()
    served.wrong.clear()
    assert hub.fetch_file(found, found.files[0], tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "revision", "error", "text"),
    [
        ("org/none", None, FileNotFoundError, "There is no org/none on the hub, or it is private"),
        ("org/set", "v9", FileNotFoundError, "org/set on the hub has no revision v9"),
        ("a b/c", None, ValueError, "a b/c is no repository's name; expected ORG/NAME"),
    ],
)
def test_what_is_not_there_is_said(served, name, revision, error, text):
    with pytest.raises(error, match=text):
        hub.open_repository(name, kind="dataset", revision=revision)


def test_a_hub_that_does_not_answer_is_said(served, monkeypatch):
    use_hub_at("http://127.0.0.1:9", monkeypatch)
    with pytest.raises(OSError, match="org/set: the hub does not answer as expected"):
        hub.open_repository("org/set", kind="dataset")
