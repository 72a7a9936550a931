"""A photo that the page blows: its frames are Python's, and what visitors do shows at once."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation import skies
from ssagan_jax.animation.warping import paths, standing
from ssagan_jax.animation.warping.phases import Moment
from ssagan_jax.demo import clips, example, scenes
from ssagan_jax.io import video_files
from ssagan_jax.io.photo_files import resize_image
from tests.helpers.browsers import COLOURS, NAMELESS, TOO_WIDE, check_contrast, choose, ready
from tests.helpers.movers import blower
from tests.helpers.visitors import until

# Frames of a PNG that is blown, without the page: at (share of the period, time of the light).
FRAMES = """async ({png, wind, speed, asked}) => {
  const { Live } = await import("/static/live.js");
  const { Painter } = await import("/static/painter.js");
  const { ServerScenes } = await import("/static/server_scenes.js");
  const blob = new Blob([Uint8Array.from(atob(png), (x) => x.charCodeAt(0))]);
  const { width, height } = await createImageBitmap(blob);
  const holder = document.createElement("div");
  const painter = new Painter(document.createElement("canvas"), holder, () => ({}), () => {});
  painter.reset(width, height, true);
  const live = new Live({ holder, painter });
  const { signal } = new AbortController();
  const film = await live.make({
    photo: { blob }, source: new ServerScenes(), speed, seconds: 4, signal, report: () => {},
  });
  film.blow({ wind });
  const frames = asked.map(([share, light]) => {
    Object.assign(film, { share, light });
    film.draw();
    return film.canvas.toDataURL();
  });
  const told = { frames, longest: film.longest, period: film.period };
  live.close();
  return told;
}"""
# What is seen at the next frame: a canvas of WebGL is empty at other times.
SEEN = """() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() =>
  seen(document.querySelector("#film canvas").toDataURL()))))"""
LOSE = (
    "document.querySelector('#film canvas').getContext('webgl2').getExtension('WEBGL_lose_context')"
)
NO_WEBGL = """const own = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind === "webgl2" ? null : own.call(this, kind, ...more);
};"""
SMALL_GPU = """const own = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === this.MAX_TEXTURE_SIZE ? 481 : own.call(this, name);
};"""
WIND = np.array([-0.008, 0.004], np.float32)


@pytest.fixture
def photo(tmp_path_factory):
    """Sky above, dark woods below: what the made-up model can tell apart."""
    path = tmp_path_factory.mktemp("visitor") / "photo.jpg"
    path.write_bytes(example.jpeg("example-2.jpg"))
    return str(path)


def pixels_of(url) -> np.ndarray:
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    return np.asarray(picture.convert("RGB")).astype(int)


def blowing(visit, server, photo, *arguments, script="", **options):
    """The page with a photo that is blown."""
    page = visit(server, *arguments, **options)
    if script:
        page.add_init_script(script)
        page.reload()
        until(lambda: page.locator("#seconds").get_attribute("max") == "10")
    page.set_input_files("#file", photo)
    ready(page)
    return page


def drag(page, right, down, *, at=(0.5, 0.5)):
    """From a place on the picture, in shares of it, by so many pixels."""
    box = page.locator("#frame").bounding_box()
    x, y = box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down)
    page.mouse.up()


def degrees(page):
    return int(page.locator("#arrow").get_attribute("aria-valuenow"))


@pytest.mark.parametrize("speed", [1, 2.5])
def test_frames_are_those_of_python(serve, visit, photo, speed):
    """Within a grey level or two: paths are traced over wider cells, and samplers round."""
    photo = np.array(Image.open(photo))
    photo = clips.trimmed(clips.reduced(photo, side=320))
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    asked = [(0, 0.0), (0.1, 15.0), (0.5, 3.5), (0.9, 40.0)]
    order = {"wind": WIND.tolist(), "speed": speed, "asked": asked}
    with serve(model=blower()) as server:
        page = visit(server)
        told = page.evaluate(FRAMES, {"png": base64.b64encode(file.getvalue()).decode(), **order})
    fields = scenes.fields_of(photo, blower())
    turned = fields.velocity + fields.mask[..., None] * (WIND - fields.wind)
    sky = skies.sky(photo, fields.mask)
    renderer = scenes.renderer_of(photo, fields._replace(velocity=turned), sky)
    period = max(8, 0.15 / (renderer.travel * speed))
    assert abs(told["period"] / period - 1) < 0.05
    longest = told["longest"]
    doublings = paths.doublings(renderer.spread(turned, fields.mask), longest=longest)
    for (share, light), url in zip(asked, told["frames"], strict=True):
        time = 15 - abs(15 - light % 30)  # to and fro
        moment = Moment(share * longest, (share - 1) * longest, share, time)
        wanted = renderer.render(moment, doublings=doublings).astype(int)
        apart = np.abs(pixels_of(url) - wanted)
        assert apart[renderer.alpha == 0].max() == 0
        assert apart.mean() < 0.3 and np.quantile(apart, 0.99) <= 2, (share, apart.mean())
        assert share == 0 or np.abs(wanted - photo).mean() > 1  # it moved


# A photo's scene made by the page's own modules, of given fields: all of its numbers.
SCENE_HERE = """async ({png, fields, told, painted}) => {
  const { sceneOf } = await import("/static/scene_here.js");
  const blob = new Blob([Uint8Array.from(atob(png), (x) => x.charCodeAt(0))]);
  const { width, height } = await createImageBitmap(blob);
  const pen = new OffscreenCanvas(width, height).getContext("2d");
  pen.drawImage(await createImageBitmap(blob), 0, 0);
  const pixels = pen.getImageData(0, 0, width, height).data;
  for (const [name, values] of Object.entries(fields)) fields[name] = Float32Array.from(values);
  const mask = painted && { mask: Uint8ClampedArray.from(painted), width, height };
  const scene = sceneOf({ pixels, width, height }, fields, told, mask);
  const arrays = ["motion", "radial", "light", "layer", "alpha"];
  for (const name of arrays) scene[name] = [...scene[name]];
  return scene;
}"""


@pytest.mark.parametrize("painting", [False, True])
def test_scenes_made_on_the_device_are_the_servers(
    serve, visit, photo, tmp_path_factory, painting, monkeypatch
):
    """But for lines of any colour and small things before the sky: standing.js."""
    for module, name in ((standing, "_beside_lines"), (standing.objects, "beside")):
        monkeypatch.setattr(module, name, lambda photo, alpha: np.full_like(alpha, 255))
    folder = tmp_path_factory.mktemp("scene")
    photo = clips.trimmed(clips.reduced(np.array(Image.open(photo)), side=320))
    fields = scenes.fields_of(photo, blower())
    fields = fields._replace(velocity=fields.velocity + np.float32([0.001, -0.002]))
    painted = np.zeros(photo.shape[:2], np.uint8)
    painted[60:200, 80:300] = np.linspace(0, 510, 220).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    given = {name: np.ravel(values).tolist() for name, values in fields._asdict().items()}
    with serve(model=blower()) as server:
        order = {"png": base64.b64encode(file.getvalue()).decode(), "fields": given}
        order["painted"] = painted.ravel().tolist() if painting else None
        made = visit(server).evaluate(SCENE_HERE, {**order, "told": {"size": 32, "frames": 16}})
    if painting:
        fields = scenes.painted(fields, painted)
        renderer = scenes.renderer_of(photo, fields, painted, island=0)
    else:
        renderer = scenes.renderer_of(photo, fields, skies.sky(photo, fields.mask))
    scenes.write_scene(folder, renderer, fields)
    told = json.loads((folder / scenes.SCENE).read_text())
    assert told.items() <= {**made, "wind": pytest.approx(told["wind"], abs=1e-6)}.items()
    cells = told["rows"] * told["columns"]
    numbers = np.fromfile(folder / scenes.MOTION, "<f2").astype(np.float32)
    motion, radial, light = np.split(numbers, [3 * cells, 5 * cells])
    # Where anything moves: the fields are made smooth over cells twice as wide as Python's.
    moves = resize_image(renderer.alpha, told["rows"], told["columns"]) > 200
    for name, wanted, size in [("motion", motion, 0.9), ("radial", radial, 100)]:
        apart = np.abs(np.array(made[name]) - wanted).reshape(*moves.shape, -1)[moves]
        assert apart.mean() < 0.005 * size and apart.max() < 0.1 * size, (name, apart.mean(axis=0))
    np.testing.assert_allclose(made["light"], light, atol=0.01)
    apart = np.abs(np.reshape(made["alpha"], painted.shape) - renderer.alpha.astype(int))
    assert apart.mean() < 0.1 and np.quantile(apart, 0.999) <= 16
    apart = np.abs(np.reshape(made["layer"], photo.shape) - renderer.layer.astype(int))
    moves = renderer.alpha > 250
    assert np.quantile(apart[moves], 0.95) <= 1 and apart.mean() < 6, (apart.mean(),)


def test_slow_machines_show_fewer_pixels(serve, visit, photo):
    coarse = FRAMES.replace("film.blow({ wind });", "film.blow({ wind }); film.coarser();")
    image = clips.trimmed(clips.reduced(np.array(Image.open(photo)), side=704))
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    order = {"png": base64.b64encode(file.getvalue()).decode(), "wind": WIND.tolist(), "speed": 1}
    with serve(model=blower(), side=704) as server:
        told = visit(server).evaluate(coarse, {**order, "asked": [(0, 0)]})
    found = pixels_of(told["frames"][0])
    assert found.shape == (396, 528, 3)
    assert np.abs(found - resize_image(image, 396, 528)).mean() < 3


def test_the_wind_turns_as_it_is_dragged(serve, visit, photo, tmp_path_factory):
    with serve(model=blower()) as server:
        page = blowing(visit, server, photo)
        assert server.files() == []  # nothing of the photo stays on the server
        assert degrees(page) == 0
        first = page.evaluate(SEEN)
        until(lambda: page.evaluate(SEEN) != first)
        drag(page, 0, -60)
        assert degrees(page) == 90
        page.locator("#arrow").press("ArrowLeft")
        assert page.locator("#arrow").get_attribute("aria-valuetext") == "to the top, 95 degrees"
        drag(page, -3, 0)  # a tap
        assert degrees(page) == 95
        page.locator("#play").click()
        assert page.locator("#play").text_content() == "Play"
        assert not page.locator("#make").is_visible()
        assert page.locator("#full").is_visible()
        page.locator("#seconds").fill("1")
        folder = tmp_path_factory.mktemp("downloads")
        for kind in ("mp4", "gif"):
            with page.expect_download() as download:
                page.locator(f"#save-{kind}").click()
            assert download.value.suggested_filename == f"moving-sky.{kind}"
            download.value.save_as(folder / kind)
        assert video_files.read_video(folder / "mp4").shape == (24, 240, 320, 3)
        page.close(run_before_unload=True)
        until(lambda: server.files() == [])


def test_a_clip_that_is_being_saved_is_given_up_with_its_photo(serve, visit, photo):
    with serve(model=blower(), away=600) as server:
        page = blowing(visit, server, photo)
        page.locator("#seconds").fill("10")
        with page.expect_response(lambda got: "/api/clips?" in got.url):
            page.locator("#save-mp4").click()
        assert server.files() != []
        page.locator("#again").click()
        until(lambda: server.files() == [])


def test_clouds_go_away_and_come_near(serve, visit, photo):
    with serve(model=blower()) as server:
        page = blowing(visit, server, photo)
        assert page.locator("#arrow").is_visible()
        page.locator("input[name=course]:checked").press("ArrowRight")
        assert page.locator("input[value=away]").is_checked()
        assert not page.locator("#arrow").is_visible()
        page.locator("#seconds").fill("1")
        with page.expect_request(lambda asked: "wind=" in asked.url) as asked:
            page.locator("#save-mp4").click()
        assert "wind=away" in asked.value.url
        until(lambda: page.locator("#status").text_content().startswith("Saved as"))
        choose(page, "course", "near")
        drag(page, -60, 0)
        assert page.locator("input[value=across]").is_checked() and degrees(page) == 180
        assert page.locator("#arrow").is_visible()


def test_frames_that_go_away_are_those_of_python(serve, visit, photo):
    photo = clips.trimmed(clips.reduced(np.array(Image.open(photo)), side=320))
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    frames = FRAMES.replace("film.blow({ wind });", 'live.follow("near");')
    order = {"wind": WIND.tolist(), "speed": 1, "asked": [(0.3, 0.0), (0.5, 0.0)]}
    with serve(model=blower()) as server:
        page = visit(server)
        told = page.evaluate(frames, {"png": base64.b64encode(file.getvalue()).decode(), **order})
    fields = scenes.fields_of(photo, blower(), wind="near")
    renderer = scenes.renderer_of(photo, fields, skies.sky(photo, fields.mask))
    longest = told["longest"]
    assert abs(longest / max(8, 0.15 / renderer.travel) - 1) < 0.05
    doublings = paths.doublings(renderer.spread(fields.velocity, fields.mask), longest=longest)
    for (share, _), url in zip(order["asked"], told["frames"], strict=True):
        moment = Moment(share * longest, (share - 1) * longest, share, 0.0)
        wanted = renderer.render(moment, doublings=doublings).astype(int)
        apart = np.abs(pixels_of(url) - wanted)
        assert apart.mean() < 0.3 and np.quantile(apart, 0.99) <= 2
        assert np.abs(wanted - photo).mean() > 1


def test_sharing_where_the_browser_can(serve, visit, photo):
    """Else what is saved is downloaded: the button is not there."""
    shared = """navigator.canShare = () => true;
navigator.share = async ({ files: [{ name, type, size }] }) => {
  window.shared = [name, type, size];
};"""
    with serve(model=blower()) as server:
        assert not blowing(visit, server, photo).locator("#share").is_visible()
        page = blowing(visit, server, photo, script=shared)
        page.locator("#seconds").fill("1")
        page.locator("#share").click()
        until(lambda: page.evaluate("window.shared"))
        assert page.evaluate("window.shared")[:2] == ["moving-sky.mp4", "video/mp4"]
        assert page.evaluate("window.shared[2]") > 1000


def test_what_moves_is_tinted_and_painted(serve, visit, photo):
    alpha = """() => { const paint = document.getElementById("paint");
      const { data } = paint.getContext("2d").getImageData(0, 0, paint.width, paint.height);
      return [...data].filter((x, i) => i % 4 == 3); }"""
    with serve(model=blower()) as server:
        page = blowing(visit, server, photo)
        assert not page.locator("#paint").is_visible()
        page.locator("#edit").click()
        assert page.locator("#paint").is_visible() and page.locator("#film").is_visible()
        found = np.array(page.evaluate(alpha)).reshape(240, 320)
        assert found[:20].mean() > 200 and found[-20:].mean() < 50  # the sky, not the ground
        drag(page, 200, -10, at=(0.3, 0.9))
        assert not page.locator("#arrow").is_visible()
        painted = np.array(page.evaluate(alpha)).reshape(240, 320)
        assert painted.sum() > found.sum() + 1000 * 255
        assert len(np.unique(painted)) > 50  # a soft edge
        choose(page, "tool", "erase")
        drag(page, 200, -10, at=(0.3, 0.9))
        erased = np.array(page.evaluate(alpha)).reshape(240, 320)
        assert erased.sum() < painted.sum() - 1000 * 255
        with page.expect_response(lambda got: got.url.endswith("alpha.png")) as refreshed:
            page.locator("#edit").click()
        told = np.array(Image.open(io.BytesIO(refreshed.value.body())))
        assert np.abs(told.astype(int) - erased).max() <= 1
        page.locator("#edit").click()
        page.locator("#clear").click()
        assert (np.array(page.evaluate(alpha)).reshape(240, 320) == found).all()
        with page.expect_response(lambda got: got.url.endswith("alpha.png")) as refreshed:
            page.locator("#edit").click()  # the layer, too, is again what was found
        told = np.array(Image.open(io.BytesIO(refreshed.value.body())))
        assert np.abs(told.astype(int) - found).max() <= 1


def test_where_no_sky_is_found_it_can_be_painted(serve, visit, photo, monkeypatch):
    def nowhere(photo, moving):
        raise ValueError("No sky found.")

    monkeypatch.setattr(skies, "sky", nowhere)
    with serve(model=blower()) as server:
        page = visit(server)
        page.set_input_files("#file", photo)
        page.wait_for_selector("#status.error")
        assert "Paint what may move" in page.locator("#status").text_content()
        page.locator("#edit").click()
        drag(page, 200, 0)
        page.locator("#make").click()
        ready(page)


def test_a_lost_context_comes_back(serve, visit, photo):
    with serve(model=blower()) as server:
        page = blowing(visit, server, photo)
        page.evaluate(f"window.lost = {LOSE}; lost.loseContext()")
        page.wait_for_timeout(300)
        page.evaluate("lost.restoreContext()")
        until(lambda: pixels_of(page.evaluate(SEEN)).mean() > 20)
        first = page.evaluate(SEEN)
        until(lambda: page.evaluate(SEEN) != first)


@pytest.mark.parametrize("script", [NO_WEBGL, SMALL_GPU])
def test_lesser_devices_show_less(serve, visit, photo, script):
    why = {
        NO_WEBGL: "this browser has no WebGL 2",
        SMALL_GPU: "the most this device's graphics take",
    }
    with serve(model=blower(), side=1280) as server:
        page = blowing(visit, server, photo, script=script)
        told = page.locator("#status").text_content()
        side, height = (640, 480) if script == NO_WEBGL else (240, 176)
        assert why[script] in told and f"shown at {side} x {height} pixels" in told
        first = page.evaluate(SEEN)
        until(lambda: page.evaluate(SEEN) != first)
        assert pixels_of(first).shape == (height, side, 3) and pixels_of(first).mean() > 20


@pytest.mark.parametrize("size", [(768, 1024), (1024, 768), (390, 844)])
def test_the_picture_has_the_width_of_an_upright_screen(serve, visit, photo, size):
    width, height = size
    with serve(model=blower()) as server:
        page = blowing(visit, server, photo)
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(TOO_WIDE) == []
        frame, panel = (page.locator(name).bounding_box() for name in ("#frame", "#panel"))
        upright = height > width
        assert (frame["width"] > 0.9 * width) == upright
        assert (panel["y"] > frame["y"] + frame["height"]) == upright
        assert page.evaluate(NAMELESS) == []
        page.locator("#edit").click()
        seen = page.evaluate(COLOURS)
        check_contrast(seen)
        assert page.evaluate(TOO_WIDE) == []
