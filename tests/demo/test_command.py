"""Starting and ending ``ssagan demo``."""

import builtins
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ssagan_jax.cli import main
from ssagan_jax.demo import command, hosting
from tests.helpers.visitors import picture

ROOT = Path(__file__).parent.parent.parent


def test_a_taken_port_is_told_in_one_line(capsys):
    with hosting.open_socket("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        assert main.main(["demo", f"--port={port}"]) == 1
    assert capsys.readouterr().err == (
        f"ssagan: Port {port} of 127.0.0.1 is taken by another program. Choose another: "
        f"--port={port + 1}\n"
    )


def test_the_options_arrive(monkeypatch):
    asked = []
    monkeypatch.setattr(command, "serve", lambda path, **options: asked.append((path, options)))
    assert main.main(["demo"]) == 0
    options = ["--workdir=run", "--host=0.0.0.0", "--port=9000", "--on_device=files"]
    assert main.main(["demo", *options]) == 0
    assert asked == [
        (None, {"host": "127.0.0.1", "port": 8000, "on_device": None}),
        ("run", {"host": "0.0.0.0", "port": 9000, "on_device": "files"}),
    ]


def test_without_its_packages_it_says_what_to_install(monkeypatch, capsys):
    there = builtins.__import__

    def missing(name, *rest):
        if name.startswith("ssagan_jax.demo"):
            raise ModuleNotFoundError("No module named 'starlette'", name="starlette")
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert main.main(["demo"]) == 1
    told = capsys.readouterr().err
    assert told == (
        "ssagan: ssagan demo needs the package starlette: pip install 'ssagan_jax[demo]'\n"
    )


def test_a_workdir_without_a_model(capsys, tmp_path):
    assert main.main(["demo", f"--workdir={tmp_path}", "--port=0"]) == 1
    assert "No checkpoint in" in capsys.readouterr().err


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)]
)
def test_nothing_is_left_when_it_is_stopped(tmp_path, number):
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # of nohup's, too
        "from ssagan_jax.demo import command; command.serve(host='127.0.0.1', port=0)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("The demo is at http://127.0.0.1:"), line
        url = line.split()[4]
        ordered = httpx.post(
            f"{url}api/clips?seconds=10",
            content=picture(),
            headers={"Content-Type": "application/octet-stream"},
        )
        assert ordered.status_code == 201
        assert len(list(tmp_path.rglob("upload"))) == 1
        process.send_signal(number)
        process.wait(15)
    finally:
        process.kill()
        process.communicate()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
