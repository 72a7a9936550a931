"""Chromium, and what its tests need. They are skipped where that is missing, and say what.

With ``SSAGAN_BROWSER_TESTS=required`` they fail instead: where they are meant to run, none may be
left out unseen. ``CHROMIUM`` may say where the browser is (``helpers/browsers.py``),
``ONNXRUNTIME_WEB`` the tarball of onnxruntime-web, which npm gets otherwise.
"""

import contextlib
import os
import shutil

import pytest

from ssagan_jax.demo import device_files, example
from ssagan_jax.export import onnx_file
from tests.helpers.browsers import DEVICES, chromium, launch, missing, needed
from tests.helpers.visitors import serving, until

__all__ = ["chromium", "launch"]  # fixtures

TARBALL = os.environ.get("ONNXRUNTIME_WEB")


@pytest.fixture
def contexts():
    """What `visit` has opened in the browser; `serve` closes them before its server goes."""
    return []


@pytest.fixture
def visit(request, contexts):
    """A function that opens the page; whatever it complains about, or asks others for, fails."""
    complaints = []

    def visit(server, device="tablet", *, browser=None, address=None, expected=(), **options):
        address = address or server.address
        browser = browser or request.getfixturevalue("chromium")
        context = browser.new_context(**DEVICES[device], **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and told(said.text, expected))
        page.on(
            "request",
            lambda asked: (
                complaints.append(asked.url)
                if address not in asked.url and not asked.url.startswith("blob:")
                else 0
            ),
        )
        page.goto(f"http://{address}/")
        until(lambda: page.locator("#seconds").get_attribute("max") == "10")
        return page

    def told(text, expected):
        if not any(part in text for part in expected):
            complaints.append(text)

    yield visit
    assert complaints == []


@pytest.fixture
def serve(monkeypatch, tmp_path, contexts):
    """A function that starts a demo. Its pages, which may still be asking, are closed with it."""
    many = {"orders_a_minute": 1000, "side": 320}

    @contextlib.contextmanager
    def serve(**options):
        with serving(monkeypatch, tmp_path, **(many | options)) as server:
            try:
                yield server
            finally:
                while contexts:
                    contexts.pop().close()

    return serve


@pytest.fixture
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("visitor") / "../../etc.jpg".replace("/", "_")
    path.write_bytes(example.jpeg())
    return str(path)


@pytest.fixture(scope="module")
def small_run(tmp_path_factory):
    """The workdir of a tiny model whose clips change much."""
    from tests.helpers.exported import save

    # Four features: its first convolution is one that WebGPU needs adapted (webgpu_model.py).
    return save(tmp_path_factory.mktemp("run"), features=4)


@pytest.fixture(scope="module")
def on_device(small_run, tmp_path_factory):
    """The files with which a browser makes clips by that model."""
    return files_for_devices(small_run, tmp_path_factory.mktemp("on_device") / "files")


def files_for_devices(workdir, output):
    """The files with which a browser runs the model of a workdir, made in a new folder."""
    try:
        onnx_file.check_packages()
    except ImportError as error:
        missing(str(error))
    needed("onnxruntime", "docs/export.md")
    if not (TARBALL or shutil.which("npm")):
        missing("no npm here, which gets onnxruntime-web; or set ONNXRUNTIME_WEB")
    from ssagan_jax.demo.on_device import make_device_files

    return device_files.read_device_files(
        make_device_files(output, workdir=workdir, tarball=TARBALL)
    )
