"""Models of a hub on this machine: cached, pinned, offline, bounded, pushed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ssagan_jax.io.sealed_json import DamagedFile
from tests.helpers.hub_server import COMMIT, Hub, serve, use_hub_at

pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")
from ssagan_jax.io import hub_models
from ssagan_jax.io.hub_models import fetch_cached, parse_address, upload_files

# The client sends large files in a way that its own client of HTTP calls old.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(name="served")
def served_fixture(monkeypatch, tmp_path):
    served = Hub()
    served.add("org/sky", {"model.json": b"{}", "big.bin": bytes(1000)}, kind="model")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "word")
    with serve(served) as address:
        use_hub_at(address, monkeypatch)
        yield served


def fetch(filename="model.json", *, revision=None, largest=2000) -> Path:
    return fetch_cached("org/sky", filename, revision=revision, largest=largest)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("hf://org/sky", ("org/sky", None)),
        ("hf://org/sky-2.0@v1", ("org/sky-2.0", "v1")),
        ("hf://org/sky@refs/pr/1", ("org/sky", "refs/pr/1")),
    ],
)
def test_addresses(address, parts):
    assert hub_models.is_address(address) and parse_address(address) == parts


@pytest.mark.parametrize(
    "address", ["hf://sky", "hf://a/b/c", "hf://../b", "hf://a/b@", "hf://a/b@../c", "hf://a b/c"]
)
def test_what_is_no_address(address):
    with pytest.raises(ValueError, match="is no model on the hub; expected hf://ORG/NAME"):
        parse_address(address)


def test_a_fresh_process_that_is_offline_says_so(tmp_path):
    """Nothing but our own code has imported the client there."""
    code = "from ssagan_jax import load_animator; load_animator('hf://org/sky')"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert "FileNotFoundError: model.json of org/sky, main, is not in the cache" in done.stderr


def test_a_file_is_cached_by_its_commit(served):
    path = fetch()
    assert path.read_bytes() == b"{}" and path.parent.name == COMMIT
    served.requests.clear()
    assert fetch(revision=COMMIT) == path
    assert served.requests == []  # a pinned one is never asked for again


def test_offline_the_cache_is_taken(served, monkeypatch):
    path = fetch()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert fetch() == fetch(revision=COMMIT) == path
    with pytest.raises(FileNotFoundError, match=r"big\.bin of org/sky, main, is not in the cache"):
        fetch("big.bin")


def test_a_hub_out_of_reach_leaves_the_cache(served, monkeypatch, capsys):
    path = fetch()
    use_hub_at("http://127.0.0.1:9", monkeypatch)
    assert fetch() == path
    assert f"Taken from the cache: {path}" in capsys.readouterr().err
    with pytest.raises(OSError, match="org/sky: the hub does not answer"):
        fetch("big.bin")


def test_a_file_that_is_too_large_is_not_downloaded(served):
    with pytest.raises(ValueError, match=r"big\.bin of org/sky has 1000 bytes, expected 999 at"):
        fetch("big.bin", largest=999)
    assert not [path for method, path, _ in served.requests if "resolve" in path]


def test_a_file_that_is_not_there(served):
    with pytest.raises(FileNotFoundError, match=r"org/sky on the hub has no x\.json"):
        fetch("x.json")


def test_other_bytes_than_promised_are_deleted(served):
    served.wrong.add("big.bin")
    with pytest.raises(DamagedFile, match=r"big\.bin of org/sky came damaged: its SHA-256 is"):
        fetch("big.bin")
    served.wrong.clear()
    assert fetch("big.bin").read_bytes() == bytes(1000)


def push(folder, name="org/new", **options):
    options = {"private": False, "revision": None, **options}
    (folder / "model.safetensors").write_bytes(b"weights" * 100)
    (folder / "README.md").write_text("---\nlicense: other\n---\nwords\n")
    files = [folder / "model.safetensors", folder / "README.md"]
    return upload_files(name, files, message="m", **options)


def test_files_go_up_as_one_commit(served, tmp_path):
    commit = push(tmp_path)
    assert served.branches["model", "org/new"]["main"] == commit
    assert served.commits["model", "org/new"][commit] == {
        "model.safetensors": b"weights" * 100,
        "README.md": b"---\nlicense: other\n---\nwords\n",
    }
    assert served.private == set()
    commit = push(tmp_path, revision="v2", name="org/sky")
    assert served.branches["model", "org/sky"] == {"main": COMMIT, "v2": commit}


def test_private_is_private(served, tmp_path):
    push(tmp_path, private=True)
    assert served.private == {"org/new"}
    with pytest.raises(ValueError, match="org/sky is there already, and everybody sees it"):
        push(tmp_path, "org/sky", private=True)
    assert set(served.commits["model", "org/sky"]) == {COMMIT}


def test_without_a_token_nothing_goes_up(served, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(PermissionError, match="set HF_TOKEN to a token that may write"):
        push(tmp_path)
    assert served.requests == []
