"""A photo that blows by a network in the browser: all that visitors do stays there."""

import numpy as np
import pytest

from ssagan_jax.demo import example
from ssagan_jax.io import video_files
from tests.demo.conftest import files_for_devices
from tests.demo.test_browser_on_device import GPU, posted, visit_here
from tests.demo.test_browser_wind import SEEN, degrees, drag
from tests.helpers.browsers import NAMELESS, TOO_WIDE, choose, missing, ready
from tests.helpers.movers import blower
from tests.helpers.visitors import until


@pytest.fixture(scope="module")
def windy(tmp_path_factory):
    """The files of a tiny model that warps in a wind."""
    from tests.helpers.exported import save

    workdir = save(tmp_path_factory.mktemp("run"), output="warp", wind="given", strength=2)
    return files_for_devices(workdir, tmp_path_factory.mktemp("on_device") / "files")


@pytest.fixture
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("visitor") / "photo.jpg"
    path.write_bytes(example.jpeg("example-2.jpg"))
    return str(path)


def test_it_blows_and_nothing_is_sent(serve, visit, photo, windy, tmp_path_factory):
    """Whatever is done: the wind turned, what moves painted, the clip stored."""
    with serve(on_device=windy) as server:
        page = visit_here(visit, server)
        sent = posted(page)
        page.set_input_files("#file", photo)
        ready(page)
        told = page.locator("#status").text_content()
        assert "Found on this device in " in told and "Nothing was uploaded." in told
        first = page.evaluate(SEEN)
        until(lambda: page.evaluate(SEEN) != first)
        drag(page, 0, -60)
        assert degrees(page) == 90
        choose(page, "course", "away")
        page.locator("#edit").click()
        drag(page, 200, -10, at=(0.3, 0.9))
        page.locator("#edit").click()
        until(lambda: page.locator("#status").text_content().startswith("Drag on"))
        assert page.evaluate(TOO_WIDE) == [] and page.evaluate(NAMELESS) == []
        assert not page.locator("#save-mp4").is_visible() and not page.locator("#gif").is_visible()
        page.locator("#seconds").fill("1")
        with page.expect_download() as download:
            page.locator("#save").click()
            assert page.locator("#play").is_disabled()
        path = tmp_path_factory.mktemp("downloads") / download.value.suggested_filename
        download.value.save_as(path)
        clip = video_files.read_video(path)
        assert clip.shape[1:] == (240, 320, 3) and clip.std(axis=0).max() > 2
        until(lambda: page.locator("#play").is_enabled())
        page.locator("#again").click()
        assert sent == [] and server.painter.begun == [] and server.files() == []


def test_what_was_found_on_the_server_is_left_there(serve, visit, photo, windy):
    """Who turns to the device is not sent back by what is painted later."""
    with serve(model=blower(), on_device=windy) as server:
        page = visit(server)
        page.wait_for_selector("#where", state="attached")
        page.set_input_files("#file", photo)
        ready(page)
        page.locator("#here").check()
        page.wait_for_selector("[data-state=chosen]")
        sent = posted(page)
        page.locator("#make").click()
        ready(page)
        page.locator("#edit").click()
        drag(page, 200, -10, at=(0.3, 0.9))
        page.locator("#edit").click()
        page.wait_for_timeout(500)
        assert [url for url in sent if not url.endswith("/leave")] == []


def test_a_photo_without_a_sky(serve, visit, windy, tmp_path_factory):
    from PIL import Image

    path = tmp_path_factory.mktemp("visitor") / "ground.png"
    noise = np.random.default_rng(0).integers(0, 60, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    with serve(on_device=windy) as server:
        page = visit_here(visit, server)
        page.route("**/sky_line.js", lambda route: route.fulfill(body=NO_SKY, headers=SCRIPT))
        page.set_input_files("#file", path)
        page.wait_for_selector("#status.error")
        told = page.locator("#status").text_content()
        assert told == "No sky was found in the photo. Paint what may move."
        assert not page.locator("#instead").is_visible()
        page.locator("#edit").click()
        drag(page, 100, 0)
        page.locator("#make").click()
        ready(page)


NO_SKY = """import { NoSky } from "./masks.js";
export function skyOf() { throw new NoSky(); }"""
SCRIPT = {"Content-Type": "text/javascript", "Cross-Origin-Embedder-Policy": "require-corp"}


# The motion of a scene of the page's example, by one program and the other.
BOTH = """async () => {
  const { OnDevice } = await import("/static/on_device.js");
  const { device } = await (await fetch("/api/about")).json();
  const photo = { blob: await (await fetch("/static/example-2.jpg")).blob() };
  const { signal } = new AbortController();
  const found = [];
  for (const wanted of [{ backend: "webgpu" }, { backend: "wasm", threads: 1 }]) {
    const maker = await OnDevice.at(device, wanted);
    const painter = { edited: false };
    const scene = await maker.scene({ photo, painter, signal, report: () => {} });
    found.push({ backend: scene.backend, motion: [...scene.motion], wind: scene.wind });
    maker.close();
  }
  return found;
}"""


def test_webgpu_finds_the_same(launch, serve, visit, windy):
    with serve(on_device=windy) as server:
        page = visit(server, browser=launch(*GPU))
        if not page.evaluate("navigator.gpu?.requestAdapter().then(Boolean)"):
            missing("this Chromium has no WebGPU in software: set CHROMIUM to one that has")
        one, two = page.evaluate(BOTH)
    assert (one["backend"], two["backend"]) == ("webgpu", "wasm")
    np.testing.assert_allclose(one["wind"], two["wind"], atol=1e-4)
    assert np.abs(np.subtract(one["motion"], two["motion"])).mean() < 0.02
