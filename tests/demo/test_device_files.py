"""The folder for clips on devices: made, read, and served; no browser is needed."""

import base64
import contextlib
import dataclasses
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import time

import numpy as np
import pytest

from ssagan_jax.cli import main
from ssagan_jax.demo import command, device_files, guards, on_device, runtime_package
from ssagan_jax.export import onnx_file
from tests.helpers.visitors import serving

CONTENT = {"model.onnx": b"a model" * 100_000, "ort.mjs": b"a script", "ort.wasm": b"a program"}


def write(folder, **changes):
    """A folder that could be served."""
    folder.mkdir(exist_ok=True)
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    files = {name: {"sha256": device_files.sha256(content)} for name, content in CONTENT.items()}
    manifest = {"format": 1, "files": files} | changes
    (folder / "device.json").write_text(json.dumps(manifest))
    return folder


def test_what_is_read_is_what_is_there(tmp_path):
    found = device_files.read(write(tmp_path))
    manifest = (tmp_path / "device.json").read_bytes()
    assert found.files == {**CONTENT, "device.json": manifest}
    assert found.find(found.key, "ort.wasm") == b"a program"
    assert found.find("0" * 16, "ort.wasm") is None and found.find(found.key, "x") is None
    other = device_files.read(write(tmp_path, size=32))
    assert other.key != found.key and len(found.key) == 16


def test_folders_that_cannot_be_served(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No device.json in .* python -m ssagan_jax.demo"):
        device_files.read(tmp_path / "nowhere")
    write(tmp_path)
    (tmp_path / "ort.mjs").write_bytes(b"another script")
    with pytest.raises(ValueError, match=r"ort.mjs is damaged or was altered: its SHA-256 is \w+"):
        device_files.read(tmp_path)
    (tmp_path / "ort.mjs").unlink()
    with pytest.raises(FileNotFoundError, match=r"ort\.mjs is missing. Make the folder anew"):
        device_files.read(tmp_path)
    with pytest.raises(ValueError, match=r"device.json has format 2, expected 1. Make it anew"):
        device_files.read(write(tmp_path, format=2))
    for damage in ("{", "[]", '{"format": 1}', '{"format": 1, "files": {"a.mjs": 3}}'):
        (tmp_path / "device.json").write_text(damage)
        with pytest.raises(ValueError, match=r"device.json is damaged: \w+ .*Make it anew"):
            device_files.read(tmp_path)


@pytest.mark.parametrize("name", ["../x.mjs", "/etc/x.json", "a/b.wasm", "x.html", "x", ".."])
def test_names_that_lead_elsewhere(tmp_path, name):
    write(tmp_path, files={name: {"sha256": "0"}})
    with pytest.raises(ValueError, match="which is no file to serve"):
        device_files.read(tmp_path)


@pytest.fixture
def served(monkeypatch, tmp_path_factory, tmp_path):
    files = device_files.read(write(tmp_path_factory.mktemp("files")))
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
    files = device_files.read(write(tmp_path_factory.mktemp("files")))
    large = dataclasses.replace(files, files={"model.onnx": bytes(32 * 2**20)})
    limits = {"head_seconds": 0.1, "response_seconds": 0.5, "device_seconds": seconds}
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
    monkeypatch.setattr(command, "animator", lambda path: "model")
    monkeypatch.setattr(command, "run", lambda listening, **options: ran.append(options))
    write(tmp_path)
    assert main.main(["demo", "--port=0", f"--on_device={tmp_path}"]) == 0
    assert ran[0]["on_device"] == device_files.read(tmp_path)


def packed(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def pin(monkeypatch, path):
    """Takes a tarball for the right one."""
    digest = hashlib.sha512(path.read_bytes()).digest()
    monkeypatch.setattr(runtime_package, "INTEGRITY", "sha512-" + base64.b64encode(digest).decode())


MEMBERS = {name: name.encode() for name in runtime_package._MEMBERS}


def test_only_what_is_needed_is_unpacked(monkeypatch, tmp_path):
    path = packed(tmp_path / "x.tgz", {**MEMBERS, "../evil": b"x", "package/dist/ort.js": b"y"})
    pin(monkeypatch, path)
    found = runtime_package.read(path)
    assert sorted(found) == sorted(
        [*runtime_package.WASM, *runtime_package.WEBGPU, "onnxruntime-web.package.json"]
    )
    assert found["ort.wasm.bundle.min.mjs"] == b"package/dist/ort.wasm.bundle.min.mjs"
    assert [file.name for file in tmp_path.iterdir()] == ["x.tgz"]


def test_tarballs_that_are_not_taken(tmp_path):
    path = packed(tmp_path / "x.tgz", MEMBERS)
    with pytest.raises(
        ValueError, match=r"not onnxruntime-web 1\.\d+\.0: its integrity is sha512-"
    ):
        runtime_package.read(path)
    with pytest.raises(FileNotFoundError, match=r"No tarball at .*npm pack onnxruntime-web@1"):
        runtime_package.read(tmp_path / "y.tgz")


def test_npm_gets_it(monkeypatch, tmp_path):
    path = packed(tmp_path / "x.tgz", MEMBERS)
    pin(monkeypatch, path)
    ran = []

    def npm(command, *, cwd, **options):
        ran.append(command)
        shutil.copy(path, cwd)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/npm")
    monkeypatch.setattr(subprocess, "run", npm)
    assert runtime_package.read() == runtime_package.read(path)
    version = runtime_package.VERSION
    assert ran == [["/usr/bin/npm", "pack", f"onnxruntime-web@{version}", "--ignore-scripts"]]


def test_without_npm_or_network(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"no npm on this machine. .*--tarball=FILE.tgz"):
        runtime_package.read()
    monkeypatch.setattr(shutil, "which", lambda name: "npm")
    failed = subprocess.CompletedProcess([], 1, "", "npm error 1\nnpm error: no network.")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(OSError, match=r"did not get onnxruntime-web@1.* no network\. Or get it"):
        runtime_package.read()

    def hang(command, *, timeout, **options):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(OSError, match=r"@1.*: it did not end in 600 s\. Or get it elsewhere"):
        runtime_package.read()


def test_a_folder_that_is_taken(tmp_path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(FileExistsError, match=r"exists and is not empty. Choose another folder"):
        on_device.make(tmp_path)


def test_a_folder_in_a_bucket(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"--output is gs://b/x; expected a path on a disk"):
        on_device.make("gs://b/x")
    assert list(tmp_path.iterdir()) == []


def test_the_script_tells_errors_in_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["on_device", f"--output={tmp_path}/new", "--tarball=none"])
    monkeypatch.setattr(onnx_file, "check", lambda: None)
    assert on_device.main() == 1
    assert capsys.readouterr().err.startswith("on_device: No tarball at none.")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setattr(sys, "argv", ["on_device", f"--output={tmp_path}/new"])
    monkeypatch.setattr(sys, "version_info", (3, 11, 0))
    assert on_device.main() == 1
    assert "needs Python 3.12 or later, not 3.11" in capsys.readouterr().err


def test_a_whole_folder(monkeypatch, tmp_path, capsys):
    """Of a model of this package's, and a tarball made up."""
    pytest.importorskip("jax2onnx", reason="jax2onnx is not installed: docs/export.md")
    import onnxruntime

    from tests.helpers.exported import FRAMES, SIZE, save

    path = packed(tmp_path / "x.tgz", MEMBERS)
    pin(monkeypatch, path)
    workdir, output = save(tmp_path / "run"), tmp_path / "new" / "files"
    options = [f"--output={output}", f"--workdir={workdir}", f"--tarball={path}"]
    monkeypatch.setattr(sys, "argv", ["on_device", *options])
    assert on_device.main() == 0
    assert f"Serve it: ssagan demo --on_device={output}" in capsys.readouterr().out
    assert [item.name for item in output.parent.iterdir()] == ["files"]
    files = device_files.read(output).files
    told = json.loads(files["device.json"])
    assert sorted(files) == sorted({*told["files"], "device.json"})
    assert {told["model"], *told["wasm"], *told["webgpu"]} <= files.keys()
    assert (told["size"], told["frames"]) == (SIZE, FRAMES)
    assert told["versions"]["onnxruntime-web"] == runtime_package.VERSION
    session = onnxruntime.InferenceSession(files["model.onnx"])
    [clip] = session.run(["clip"], {"photo": on_device.probe_photo(SIZE)[None]})
    places = np.arange(on_device.PROBED) * clip.size // on_device.PROBED
    np.testing.assert_allclose(told["probe"], clip.reshape(-1)[places], atol=1e-4)


def test_a_model_whose_clips_are_no_numbers(tmp_path):
    from tests.helpers.exported import save

    workdir = save(tmp_path / "run", strength=np.nan)
    with pytest.raises(ValueError, match=r"are no numbers\. Train another model"):
        on_device._probe(workdir)


def test_the_model_of_the_package_can_be_exported():
    from ssagan_jax.checkpoints import bundled
    from ssagan_jax.export import function

    config, _, info = bundled.load_bundled()
    found = function.read(None)
    assert (found.size, found.info["hash"]) == (config["dataset"]["size"], info["hash"])
