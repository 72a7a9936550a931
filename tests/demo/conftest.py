"""Chromium, and what its tests need. They are skipped where that is missing, and say what.

With ``SSAGAN_BROWSER_TESTS=required`` they fail instead: where they are meant to run, none may be
left out unseen. ``CHROMIUM`` may say where the browser is (``helpers/browsers.py``),
``ONNXRUNTIME_WEB`` the tarball of onnxruntime-web, which npm gets otherwise.
"""

import os
import shutil

import pytest

from ssagan_jax.demo import device_files, example
from ssagan_jax.export import onnx_file
from tests.helpers.browsers import chromium, launch, missing, needed, pages
from tests.helpers.visitors import serving, until

__all__ = ["chromium", "launch", "pages"]  # fixtures

TARBALL = os.environ.get("ONNXRUNTIME_WEB")


@pytest.fixture
def visit(request, pages):
    """A function that opens the page."""

    def visit(server, device="tablet", *, browser=None, address=None, **options):
        browser = browser or request.getfixturevalue("chromium")
        page = pages.open(browser, address or server.address, device, **options)
        until(lambda: page.locator("#seconds").get_attribute("max") == "10")
        return page

    return visit


@pytest.fixture
def serve(monkeypatch, tmp_path, pages):
    """A function that starts a demo."""
    many = {"orders_a_minute": 1000, "side": 320}
    return lambda **options: pages.closed_before(serving(monkeypatch, tmp_path, **(many | options)))


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
