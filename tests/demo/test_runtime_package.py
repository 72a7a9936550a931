"""onnxruntime-web: which tarball is taken, what is read of it, and how npm gets it."""

import shutil
import subprocess

import pytest

from ssagan_jax.demo import runtime_package
from tests.helpers.tarballs import MEMBERS, packed, pin


def test_only_what_is_needed_is_unpacked(monkeypatch, tmp_path):
    path = packed(tmp_path / "x.tgz", {**MEMBERS, "../evil": b"x", "package/dist/ort.js": b"y"})
    pin(monkeypatch, path)
    found = runtime_package.read_runtime(path)
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
        runtime_package.read_runtime(path)
    with pytest.raises(FileNotFoundError, match=r"No tarball at .*npm pack onnxruntime-web@1"):
        runtime_package.read_runtime(tmp_path / "y.tgz")


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
    assert runtime_package.read_runtime() == runtime_package.read_runtime(path)
    version = runtime_package.VERSION
    assert ran == [["/usr/bin/npm", "pack", f"onnxruntime-web@{version}", "--ignore-scripts"]]


def test_without_npm_or_network(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"no npm on this machine. .*--tarball=FILE.tgz"):
        runtime_package.read_runtime()
    monkeypatch.setattr(shutil, "which", lambda name: "npm")
    failed = subprocess.CompletedProcess([], 1, "", "npm error 1\nnpm error: no network.")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(OSError, match=r"did not get onnxruntime-web@1.* no network\. Or get it"):
        runtime_package.read_runtime()

    def hang(command, *, timeout, **options):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(OSError, match=r"@1.*: it did not end in 600 s\. Or get it elsewhere"):
        runtime_package.read_runtime()
