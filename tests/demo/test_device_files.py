"""The folder for clips on devices: read and served; no browser is needed."""

import contextlib
import dataclasses
import json
import time

import pytest

from ssagan_jax.cli import main
from ssagan_jax.demo import command, device_files, guards
from tests.helpers.visitors import serving

CONTENT = {"model.onnx": b"a model" * 100_000, "ort.mjs": b"a script", "ort.wasm": b"a program"}


def write(folder, **changes):
    """A folder that could be served."""
    folder.mkdir(exist_ok=True)
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    files = {name: {"sha256": device_files.sha256(content)} for name, content in CONTENT.items()}
    manifest = {"format": 2, "files": files} | changes
    (folder / "device.json").write_text(json.dumps(manifest))
    return folder


def test_what_is_read_is_what_is_there(tmp_path):
    found = device_files.read_device_files(write(tmp_path))
    manifest = (tmp_path / "device.json").read_bytes()
    assert found.files == {**CONTENT, "device.json": manifest}
    assert found.find(found.key, "ort.wasm") == b"a program"
    assert found.find("0" * 16, "ort.wasm") is None and found.find(found.key, "x") is None
    other = device_files.read_device_files(write(tmp_path, size=32))
    assert other.key != found.key and len(found.key) == 16


def test_folders_that_cannot_be_served(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No device.json in .* python -m ssagan_jax.demo"):
        device_files.read_device_files(tmp_path / "nowhere")
    write(tmp_path)
    (tmp_path / "ort.mjs").write_bytes(b"another script")
    with pytest.raises(ValueError, match=r"ort.mjs is damaged or was altered: its SHA-256 is \w+"):
        device_files.read_device_files(tmp_path)
    (tmp_path / "ort.mjs").unlink()
    with pytest.raises(FileNotFoundError, match=r"ort\.mjs is missing. Make the folder anew"):
        device_files.read_device_files(tmp_path)
    with pytest.raises(ValueError, match=r"device.json has format 1, expected 2. Make it anew"):
        device_files.read_device_files(write(tmp_path, format=1))
    for damage in ("{", "[]", '{"format": 2}', '{"format": 2, "files": {"a.mjs": 3}}'):
        (tmp_path / "device.json").write_text(damage)
        with pytest.raises(ValueError, match=r"device.json is damaged: \w+ .*Make it anew"):
            device_files.read_device_files(tmp_path)


@pytest.mark.parametrize("name", ["../x.mjs", "/etc/x.json", "a/b.wasm", "x.html", "x", ".."])
def test_names_that_lead_elsewhere(tmp_path, name):
    write(tmp_path, files={name: {"sha256": "0"}})
    with pytest.raises(ValueError, match="which is no file to serve"):
        device_files.read_device_files(tmp_path)


@pytest.fixture
def served(monkeypatch, tmp_path_factory, tmp_path):
    files = device_files.read_device_files(write(tmp_path_factory.mktemp("files")))
    with serving(monkeypatch, tmp_path, on_device=files) as server, server.client() as client:
        yield files, client


def test_files_come_whole_and_may_be_kept(served):
    files, client = served
    base = client.get("/api/about").json()["device"]
    assert base == f"/device/{files.key}/"
    kinds = {
        "model.onnx": "application/octet-stream",
        "ort.mjs": "text/javascript; charset=utf-8",
        "ort.wasm": "application/wasm",
        "device.json": "application/json",
    }
    for name, kind in kinds.items():
        answer = client.get(base + name)
        assert answer.content == files.files[name]
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-length"] == str(len(files.files[name]))
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert client.head(base + "model.onnx").headers["content-length"] == "700000"


@pytest.mark.parametrize("seconds", [60, 0.5])
def test_files_may_take_longer_than_other_answers(monkeypatch, tmp_path_factory, tmp_path, seconds):
    files = device_files.read_device_files(write(tmp_path_factory.mktemp("files")))
    large = dataclasses.replace(files, files={"model.onnx": bytes(32 * 2**20)})
    limits = {"head_seconds": 0.5, "response_seconds": 0.5, "device_seconds": seconds}
    lines = "HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    serve = serving(monkeypatch, tmp_path, on_device=large, **limits)
    with serve as server, server.connect() as connection:
        connection.sendall(f"GET /device/{files.key}/model.onnx {lines}".encode())
        time.sleep(1.5)  # a reader that is slow
        got = 0
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(2**20):
                got += len(part)
    assert (got > 32 * 2**20) == (seconds == 60)


def test_nothing_else_is_there(served):
    files, client = served
    paths = ["", "server.py", "../static/app.js", "%2e%2e%2fx", "..%2f..%2fdevice.json", "a/b.mjs"]
    for path in [f"/device/{files.key}/{path}" for path in paths] + [
        "/device/0000000000000000/ort.mjs",
        "/device/",
        "/device/ort.mjs",
    ]:
        answer = client.get(path)
        assert answer.status_code in (404, 405), path
        assert b"a script" not in answer.content
        assert answer.headers["cache-control"] == "no-store"


def test_pages_are_isolated_and_may_compile(served):
    _, client = served
    for path in ("/", "/static/device_worker.js", "/api/about", "/nowhere"):
        headers = client.get(path).headers
        assert headers["cross-origin-embedder-policy"] == "require-corp"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        policy = headers["content-security-policy"].split("; ")
        assert policy[:3] == [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "worker-src 'self'",
        ]
        assert "object-src 'none'" in policy and "'unsafe-eval'" not in " ".join(policy)


def test_without_them_all_is_as_before(monkeypatch, tmp_path):
    with serving(monkeypatch, tmp_path) as server, server.client() as client:
        answer = client.get("/api/about")
        assert answer.json()["device"] is None
        assert {name: answer.headers[name] for name in guards.HEADERS} == guards.HEADERS
        assert "cross-origin-embedder-policy" not in answer.headers
        assert "script-src" not in answer.headers["content-security-policy"]
        assert client.get("/device/x/device.json").status_code == 404


def test_the_command_reads_the_folder_first(monkeypatch, tmp_path, capsys):
    assert main.main(["demo", "--port=0", f"--on_device={tmp_path}"]) == 1
    assert capsys.readouterr().err.startswith(f"ssagan: No device.json in {tmp_path}. Make such")
    ran = []
    monkeypatch.setattr(command.Worker, "start", lambda self: {})
    monkeypatch.setattr(command, "run_server", lambda listening, **options: ran.append(options))
    write(tmp_path)
    assert main.main(["demo", "--port=0", f"--on_device={tmp_path}"]) == 0
    assert ran[0]["on_device"] == device_files.read_device_files(tmp_path)
