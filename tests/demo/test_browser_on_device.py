"""Clips made in the browser: what is made, that nothing is sent, and what happens if it fails."""

import base64
import dataclasses
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation import masks
from ssagan_jax.animation.animator import load_animator
from ssagan_jax.animation.rendering import animate
from ssagan_jax.demo import clips, example, orders
from ssagan_jax.demo.runtime_package import WASM, WEBGPU
from ssagan_jax.io import video_files
from ssagan_jax.io.photo_files import resize_image
from tests.helpers.browsers import (
    COLOURS,
    DEVICES,
    MACHINE,
    NAMELESS,
    TOO_WIDE,
    WAIT,
    check_contrast,
    choose,
    luminance,
    missing,
    ready,
)
from tests.helpers.movers import mover
from tests.helpers.visitors import until

ROOT = Path(__file__).parents[2]
FRAME = "document.querySelector('#film canvas').toDataURL()"
GPU = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan")
UNTRUSTED = ("Cross-Origin-Opener-Policy header has been ignored",)
# A film of a PNG, without the page: frames of it by (speed, moves, number).
FILM = """async ({png, wanted, asked}) => {
  const { OnDevice } = await import("/static/on_device.js");
  const { device } = await (await fetch("/api/about")).json();
  const blob = new Blob([Uint8Array.from(atob(png), (x) => x.charCodeAt(0))]);
  const maker = await OnDevice.at(device, wanted);
  const frames = [];
  for (const { seconds = 4, speed, moves, painted, number } of asked) {
    const mask = painted && { ...painted, mask: Uint8ClampedArray.from(painted.mask) };
    const canvas = document.createElement("canvas");
    const film = await maker.make({
      photo: { blob }, painted: mask, order: { seconds: 4, speed: 1, moves }, canvas,
      signal: new AbortController().signal, report: () => {},
    });
    film.time({ seconds, speed });
    film.draw(number);
    frames.push({ url: canvas.toDataURL(), ...film.made, planes: 0, mask: 0, frames: film.frames });
    film.close();
  }
  maker.close();
  return frames;
}"""
# The same picture through the page's own modules.
SQUARE = """async ({pixels, from, to, channels}) => {
  const { LANCZOS, resized } = await import("/static/resize.js");
  return [...resized(Uint8ClampedArray.from(pixels), from, to, channels, LANCZOS)];
}"""
SKY = """async ({pixels, size}) => {
  const { sky } = await import("/static/masks.js");
  return [...sky(Uint8ClampedArray.from(pixels), size)];
}"""
FEATHERED = """async ({mask, from, to}) => {
  const { feathered } = await import("/static/masks.js");
  return [...feathered(Uint8ClampedArray.from(mask), from, to)];
}"""


def scene(side=320) -> np.ndarray:
    """The example as the page would send it, but for JPEG."""
    return clips.trimmed(clips.reduced(np.array(Image.open(io.BytesIO(example.jpeg()))), side=side))


def coast() -> np.ndarray:
    """Sky above, dark ground with a hill below: what ``masks.sky`` can tell apart."""
    x, y = np.meshgrid(np.arange(160), np.arange(112))
    image = np.stack([90 + y, 130 + y // 2, 230 - y // 4], axis=2)
    ground = y > 70 - 25 * np.exp(-(((x - 60) / 20) ** 2))
    image[ground] = [60, 50, 20]
    return image.astype(np.uint8)


def png(image) -> str:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def pixels_of(url) -> np.ndarray:
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    return np.array(picture.convert("RGB"))


def size(array):
    return {"width": array.shape[1], "height": array.shape[0]}


def posted(page) -> list[str]:
    """Fills with the requests that send anything."""
    found = []
    page.on("request", lambda asked: found.append(asked.url) if asked.method != "GET" else 0)
    return found


def visit_here(visit, server, *arguments, **options):
    """The page, with the choice made."""
    page = visit(server, *arguments, **options)
    page.locator("#here").check()
    return page


@pytest.mark.parametrize("device", DEVICES)
def test_a_photo_becomes_a_clip_and_nothing_is_sent(
    serve, visit, photo, on_device, device, tmp_path_factory
):
    with serve(on_device=on_device) as server:
        page = visit_here(visit, server, device)
        sent = posted(page)
        page.set_input_files("#file", photo)
        ready(page)
        assert page.evaluate("crossOriginIsolated")
        told = page.locator("#status").text_content()
        assert told.startswith("Made on this device in ") and "(WebAssembly, " in told
        assert page.locator("#film").is_visible() and not page.locator("#clip").is_visible()
        first = page.evaluate(FRAME)
        until(lambda: page.evaluate(FRAME) != first)
        page.locator("#play").click()
        assert page.locator("#play").text_content() == "Play"
        at_rest = page.evaluate(FRAME)
        time.sleep(0.3)
        assert page.evaluate(FRAME) == at_rest
        assert page.evaluate(TOO_WIDE) == []
        assert not page.locator("#gif").is_visible()
        page.locator("#seconds").fill("2")
        with page.expect_download() as download:
            page.locator("#save").click()
            assert page.locator("#play").is_disabled()  # it is played once, for the recorder
        name = download.value.suggested_filename
        assert name in ("moving-sky.mp4", "moving-sky.webm")
        path = tmp_path_factory.mktemp("downloads") / name
        download.value.save_as(path)
        clip = video_files.read_video(path)
        assert clip.shape[1:] == (240, 320, 3) and clip.std(axis=0).max() > 5
        assert 10 <= len(clip) <= 60  # two seconds, however many the machine managed
        until(lambda: page.locator("#status").text_content() == f"Saved as {name}.")
        assert page.locator("#play").is_enabled()
        page.locator("#again").click()
        assert page.locator("#here").is_checked() and page.locator("#film canvas").count() == 0
        assert sent == [] and server.painter.begun == [] and server.files() == []


def _megabytes(on_device, program):
    names = ["model.onnx", *program]
    return str(round(sum(len(on_device.files[name]) for name in names) / 1e6))


def test_frames_are_those_of_the_server(serve, visit, on_device, small_run):
    """Of the same pixels: within one grey level. As speed and masks say."""
    image = scene()
    height, width = image.shape[:2]
    painted = np.zeros((height // 2, width // 2), np.uint8)
    painted[:, : width // 4] = 255
    mask = {"mask": painted.ravel().tolist(), **size(painted)}
    asked = [
        {"seconds": seconds, "speed": speed, "moves": moves, "painted": mask, "number": number}
        for seconds, speed, moves, number in [
            (4, 1, "everything", 0),
            (4, 1, "everything", 99),
            (4, 0.75, "everything", 13),
            (4, 2.25, "everything", 58),
            (4, 1, "everything", 32),
            (4, 1, "painted", 32),
            (5, 1, "everything", 77),  # 62.5 times two frames: a half, which goes to the even
        ]
    ]
    with serve(on_device=on_device) as server:
        page = visit(server)
        made = page.evaluate(FILM, {"png": png(image), "wanted": None, "asked": asked})
    model = load_animator(small_run)
    found = {}
    for order, frame in zip(asked, made, strict=True):
        moves, number = order["moves"], order["number"]
        allowed = {
            "everything": None,
            "painted": masks.fitted(masks.feathered(painted), height=height, width=width),
        }[moves]
        count = orders.Order(seconds=order["seconds"]).frames
        speed = order["speed"]
        clip = animate(image, model, frames=count, speed=speed, loop=True, mask=allowed)
        expected = list(clip)[number]
        assert frame["frames"] == count
        apart = np.abs(pixels_of(frame["url"]).astype(int) - expected)
        moved = np.abs(expected.astype(int) - image).mean()
        found[order["speed"], moves, number] = pixels_of(frame["url"])
        assert moved > 2 and apart.mean() < 0.1, (order, apart.mean(), apart.max())
    assert len({frame.tobytes() for frame in found.values()}) == len(asked)
    right = width // 2 + 2  # of what is painted; stretched, the mask reaches a little further
    np.testing.assert_array_equal(found[1, "painted", 32][:, right:], image[:, right:])


def test_a_jpeg_read_by_the_browser_is_nearly_the_servers(serve, visit, on_device, small_run):
    image = scene()
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=94)
    asked = [{"speed": 1, "moves": "everything", "painted": None, "number": 30}]
    with serve(on_device=on_device) as server:
        encoded = base64.b64encode(file.getvalue()).decode()
        [made] = visit(server).evaluate(FILM, {"png": encoded, "wanted": None, "asked": asked})
    read = np.array(Image.open(file))
    expected = list(animate(read, load_animator(small_run), frames=100, loop=True))[30]
    assert np.abs(pixels_of(made["url"]).astype(int) - expected).mean() < 2


def test_pictures_and_masks_are_as_on_the_server(serve, visit, on_device):
    image = coast()
    height, width = image.shape[:2]
    to = {"width": 48, "height": 30}
    painted = np.zeros((84, 120), np.uint8)
    painted[20:70, 30:100] = 255
    with serve(on_device=on_device) as server:
        page = visit(server)
        alpha = np.dstack([image, np.full((height, width), 255, np.uint8)])
        square = page.evaluate(
            SQUARE, {"pixels": image.ravel().tolist(), "from": size(image), "to": to, "channels": 3}
        )
        sky = page.evaluate(SKY, {"pixels": alpha.ravel().tolist(), "size": size(image)})
        soft = page.evaluate(
            FEATHERED,
            {"mask": painted.ravel().tolist(), "from": size(painted), "to": size(image)},
        )
    expected = resize_image(image, to["height"], to["width"]).astype(int)
    assert np.abs(np.reshape(square, expected.shape) - expected).max() <= 1
    expected = masks.sky(image).astype(int)
    assert np.abs(np.reshape(sky, expected.shape) - expected).mean() < 0.5
    assert 0.5 < (expected > 128).mean() < 0.7
    expected = masks.fitted(masks.feathered(painted), height=height, width=width).astype(int)
    assert np.abs(np.reshape(soft, expected.shape) - expected).mean() < 1


def test_under_an_address_that_is_not_trusted_it_works_with_one_thread(
    serve, visit, photo, on_device
):
    """As on a tablet that opens the machine's address without encryption."""
    with serve(on_device=on_device) as server:
        address = f"{MACHINE}:{server.port}"
        page = visit_here(visit, server, address=address, expected=UNTRUSTED)
        if page.evaluate("isSecureContext"):
            missing("this machine is called localhost: give it another name")
        assert page.locator("#megabytes").text_content() == _megabytes(on_device, WASM)
        page.set_input_files("#file", photo)
        ready(page)
        assert not page.evaluate("crossOriginIsolated")
        assert "(WebAssembly, 1 thread)" in page.locator("#status").text_content()


@pytest.mark.parametrize("right", [True, False])
def test_webgpu_is_used_where_its_clips_are_right(launch, serve, visit, on_device, right):
    """By Chromium's own graphics processor in software."""
    browser = launch(*GPU)
    if not right:
        told = json.loads(on_device.files["device.json"])
        told["probe"] = [value + 0.1 for value in told["probe"]]
        files = {**on_device.files, "device.json": json.dumps(told).encode()}
        on_device = dataclasses.replace(on_device, files=files)
    asked = [{"speed": 1, "moves": "everything", "painted": None, "number": 30}]
    with serve(on_device=on_device) as server:
        page = visit(server, browser=browser)
        warned = []
        page.on("console", lambda said: warned.append(said.text))
        if not page.evaluate("navigator.gpu?.requestAdapter().then(Boolean)"):
            missing("this Chromium has no WebGPU in software: set CHROMIUM to one that has")
        page.wait_for_selector("#where", state="visible")
        both = f"{_megabytes(on_device, WASM)} to {_megabytes(on_device, WEBGPU)}"
        assert page.locator("#megabytes").text_content() == both
        given = {"png": png(scene()), "wanted": None, "asked": asked}
        [made] = page.evaluate(FILM, given)
        assert made["backend"] == ("webgpu" if right else "wasm")
        assert any("its clips differ, by up to" in text for text in warned) != right
        if right:
            [other] = page.evaluate(FILM, {**given, "wanted": {"backend": "wasm", "threads": 1}})
            assert (other["backend"], other["threads"]) == ("wasm", 1)
            apart = pixels_of(made["url"]).astype(int) - pixels_of(other["url"])
            assert np.abs(apart).mean() < 1


def test_stopping_and_making_it_again(serve, visit, photo, on_device):
    with serve(on_device=on_device) as server:
        page = visit_here(visit, server)
        sent = posted(page)
        page.set_input_files("#file", photo)
        page.locator("#stop").click()
        assert page.locator("#status").text_content() == "Stopped."
        page.locator("#make").click()
        ready(page)
        page.locator("#make").click()  # with the model that is loaded
        ready(page)
        assert sent == []


def test_stopping_while_the_photo_is_read(serve, visit, on_device):
    """The clip that was stopped is none, and its answer is not taken for the next one's."""
    with serve(on_device=on_device) as server:
        page = visit(server)
        told, mask, photo = page.evaluate(_STOPPED_EARLY)
    assert told == "AbortError"
    assert mask is None and photo == [96, 64]


# The first order has a mask, and another photo than the second.
_STOPPED_EARLY = """async () => {
  const { OnDevice } = await import("/static/on_device.js");
  const maker = await OnDevice.at((await (await fetch("/api/about")).json()).device);
  const decode = globalThis.createImageBitmap;
  let go;
  const held = new Promise((done) => (go = done));
  globalThis.createImageBitmap = (blob) => held.then(() => decode(blob));
  const make = async (width, height, moves, signal) => {
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").fillRect(0, 0, width, height / 2);
    const painted = { mask: new Uint8ClampedArray(64 * 64).fill(255), width: 64, height: 64 };
    return maker.make({
      photo: { blob: await canvas.convertToBlob() }, painted, signal, report: () => {},
      order: { seconds: 1, speed: 1, moves }, canvas: document.createElement("canvas"),
    });
  };
  const stop = new AbortController();
  const first = make(64, 48, "painted", stop.signal).then(() => "made", (error) => error.name);
  stop.abort();
  const second = make(96, 64, "everything", new AbortController().signal);
  go();
  const { made, canvas } = await second;
  return [await Promise.race([first, "no answer"]), made.mask, [canvas.width, canvas.height]];
}"""


def test_a_device_that_cannot_offers_the_server(serve, visit, photo, on_device):
    files = {**on_device.files, "ort-wasm-simd-threaded.wasm": b"no program"}
    broken = dataclasses.replace(on_device, files=files)
    expected = ("wasm", "WebAssembly", "Aborted")
    with serve(model=mover(), on_device=broken) as server:
        page = visit_here(visit, server, expected=expected)
        sent = posted(page)
        page.set_input_files("#file", photo)
        page.wait_for_selector("#status.error")
        assert page.locator("#status").text_content() == (
            "It could not be made on this device: The model does not run in this browser."
        )
        assert sent == []
        said = page.evaluate(_PLAINLY, ["std::bad_alloc", "Out of memory", "RuntimeError 7"])
        memory = "The model needs more memory than this browser gives it."
        assert said == [memory, memory, "The model does not run in this browser."]
        without = page.evaluate("delete globalThis.WebAssembly") and page.evaluate(_PLAINLY, ["x"])
        assert without == ["This browser has no WebAssembly."]
        page.locator("#instead").click()
        ready(page)
        assert page.locator("#clip").is_visible() and not page.locator("#film").is_visible()
        assert len(sent) == 1 and "moves=everything" in sent[0]
        assert not page.locator("#instead").is_visible()
        assert page.locator("#mp4").is_visible() and not page.locator("#save").is_visible()


_PLAINLY = """async (texts) => {
  const { plainly } = await import("/static/runtime.js");
  return texts.map((text) => plainly(new Error(text)));
}"""


def test_a_browser_that_cannot_paint(serve, visit, photo, on_device):
    with serve(on_device=on_device) as server:
        page = visit_here(visit, server)
        page.evaluate(_NO_WEBGL)
        sent = posted(page)
        page.set_input_files("#file", photo)
        page.wait_for_selector("#status.error")
        assert page.locator("#status").text_content() == (
            "It could not be made on this device: This browser has no WebGL 2, which paints the "
            "clip."
        )
        assert page.locator("#instead").is_visible() and sent == []


_NO_WEBGL = """() => {
  const { prototype } = HTMLCanvasElement;
  const get = prototype.getContext;
  prototype.getContext = function (kind, ...more) {
    return kind === "webgl2" ? null : get.call(this, kind, ...more);
  };
}"""


def test_graphics_memory_that_is_taken_back(serve, visit, photo, on_device):
    with serve(on_device=on_device) as server:
        page = visit_here(visit, server)
        page.set_input_files("#file", photo)
        ready(page)
        page.evaluate(
            "document.querySelector('#film canvas').getContext('webgl2')"
            ".getExtension('WEBGL_lose_context').loseContext()"
        )
        page.wait_for_selector("#status.error")
        assert "took the clip's memory back" in page.locator("#status").text_content()
        page.locator("#make").click()
        ready(page)
        first = page.evaluate(FRAME)
        until(lambda: page.evaluate(FRAME) != first)


def test_files_that_are_no_longer_there(serve, visit, on_device):
    with serve(on_device=on_device) as server:
        page = visit(server, expected=("404",))
        said = page.evaluate(_ELSEWHERE)
    assert "The server has no ort-wasm-simd-threaded.wasm any more. Load the page again." in said


_ELSEWHERE = """async () => {
  const { OnDevice } = await import("/static/on_device.js");
  const maker = await OnDevice.at((await (await fetch("/api/about")).json()).device);
  maker.base = "/device/0/";
  const blob = await (await fetch("/static/example-1.jpg")).blob();
  const { signal } = new AbortController();
  const order = { seconds: 1, speed: 1, moves: "everything" };
  return maker.make({ photo: { blob }, order, signal, report: () => {} }).catch(String);
}"""


def test_what_is_wrong_with_a_photo_is_not_blamed_on_the_device(
    serve, visit, on_device, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("visitor")
    Image.new("RGB", (16, 16)).save(folder / "small.png")
    Image.new("RGB", (64, 64), (90, 60, 10)).save(folder / "ground.png")
    with serve(on_device=on_device) as server:
        page = visit_here(visit, server)
        page.set_input_files("#file", folder / "small.png")
        page.wait_for_selector("#status.error")
        told = page.locator("#status")
        assert told.text_content() == (
            "This photo has only 16 x 16 pixels, and 32 x 32 are needed. Choose a larger one."
        )
        page.set_input_files("#file", folder / "ground.png")
        ready(page)
        choose(page, "moves", "sky")
        page.locator("#make").click()
        page.wait_for_selector("#status.error")
        assert told.text_content() == "No sky was found in the photo. Paint what may move."
        assert not page.locator("#instead").is_visible()


def test_the_choice_is_remembered_and_holds_before_the_page_is_ready(
    serve, visit, photo, on_device
):
    with serve(on_device=on_device) as server:
        page = visit_here(visit, server)
        sent = posted(page)
        page.route("**/api/about", lambda route: (time.sleep(1), route.continue_()))
        page.reload()
        page.set_input_files("#file", photo)  # before the server told what it has
        ready(page)
        assert page.locator("#here").is_checked()
        assert sent == [] and server.painter.begun == []


@pytest.mark.parametrize("lost", ["no files", "refused", "no answer"])
def test_what_is_remembered_holds_where_it_cannot_be_done(serve, visit, photo, on_device, lost):
    """Nothing is sent before the visitor asks for it."""
    lacks = lost == "no files"
    failed = ("429", "ERR_FAILED")
    with serve(model=mover(), on_device=None if lacks else on_device) as server:
        page = visit(server, expected=failed)
        remember = "localStorage.setItem('make on this device', 'yes')"
        page.evaluate(remember)
        if lost == "refused":
            page.route("**/device.json", lambda route: route.fulfill(status=429, json={}))
        if lost == "no answer":
            page.route("**/device.json", lambda route: route.abort())
        sent = posted(page)
        page.reload()
        page.wait_for_selector("#status.error")
        why = "this server has no files" if lacks else "its files did not come. Load the page"
        told = page.locator("#status")
        assert f"You chose to make clips on this device, but {why}" in told.text_content()
        page.set_input_files("#file", photo)
        page.wait_for_selector("[data-state=chosen]")
        until(lambda: "“Make the clip” sends the photo" in told.text_content())
        assert sent == [] and not page.locator("#where").is_visible()
        assert page.locator("footer .there").is_visible()
        page.locator("#make").click()
        ready(page)
        page.set_input_files("#file", photo)  # what was said holds for the visit
        page.wait_for_selector("[data-state=working]")
        ready(page)
        assert len([url for url in sent if "moves=everything" in url]) == 2
        assert page.evaluate("localStorage.getItem('make on this device')") == "yes"


def test_a_visitor_who_chose_nothing_needs_no_files_for_devices(serve, visit, photo, on_device):
    with serve(model=mover(), on_device=on_device) as server:
        page = visit(server, expected=("429",))
        page.route("**/device.json", lambda route: route.fulfill(status=429, json={}))
        page.reload()
        page.set_input_files("#file", photo)
        ready(page)
        assert page.locator("#clip").is_visible() and not page.locator("#where").is_visible()


def test_a_connection_that_breaks_off_is_not_blamed_on_the_device(serve, visit):
    with serve() as server:
        said = visit(server).evaluate(_BROKEN_OFF)
    assert said == "The connection broke off. Try again."


_BROKEN_OFF = """async () => {
  const { open, plainly } = await import("/static/runtime.js");
  const broken = { pull: (stream) => stream.error(new TypeError("network error")) };
  globalThis.fetch = async () => new Response(new ReadableStream(broken));
  const told = { wasm: ["x.mjs", "x.wasm"], model: "model.onnx" };
  told.files = { "x.wasm": { bytes: 9 }, "model.onnx": { bytes: 9 } };
  return open("/device/0/", told, { backend: "wasm" }, () => {}).catch(plainly);
}"""


def test_without_the_files_there_is_no_choice(serve, visit):
    with serve() as server:
        page = visit(server)
        assert not page.locator("#where").is_visible()
        assert not page.evaluate("crossOriginIsolated")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_names_and_keyboard(serve, visit, on_device, scheme):
    with serve(on_device=on_device) as server:
        page = visit(server, color_scheme=scheme)
        page.wait_for_selector("#where", state="visible")
        for _ in range(9):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "here":
                break
        page.keyboard.press("Space")
        assert page.locator("#here").is_checked()
        seen = page.evaluate(COLOURS)
        page.locator("#example").click()
        ready(page)
        seen += page.evaluate(COLOURS)
        check_contrast(seen)
        assert any("Nothing is uploaded" in text for text, *_ in seen)
        assert (luminance(seen[0][2]) < 0.2) == (scheme == "dark")
        assert page.evaluate(NAMELESS) == []
        reached = set()
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id"))
        assert {"compare", "save", "speed", "seconds", "here", "make", "again"} <= reached


@pytest.fixture
def benchmark(chromium, on_device, tmp_path):
    """A function that times clips of that model, and returns what the program said."""
    for name, content in on_device.files.items():
        (tmp_path / name).write_bytes(content)

    def run(*arguments):
        options = [f"--folder={tmp_path}", "--threads=1", *arguments]
        command = [sys.executable, "-m", "benchmarks.on_device", *options]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT / 1000
        )

    return run


def test_the_benchmark(benchmark):
    done = benchmark("--clips=2")
    assert done.returncode == 0, done.stderr
    assert "1 threads: loading " in done.stdout and "(1 later clips)" in done.stdout


def test_what_the_benchmark_cannot_do_is_told(benchmark):
    done = benchmark("--clips=1")
    assert "--clips is 2 or more, since the first is timed apart; got 1." in done.stderr
    done = benchmark("--chromium=/nowhere/chromium")
    # Neither the server's end nor anything else hides it.
    assert done.returncode == 1 and "/nowhere/chromium" in done.stderr.splitlines()[-1]
