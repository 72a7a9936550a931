"""The page in a real browser, at the size of a tablet and of a phone.

``conftest`` says when they are skipped.
"""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.io import video_files
from tests.helpers.browsers import (
    COLOURS,
    DEVICES,
    NAMELESS,
    TOO_WIDE,
    check_contrast,
    choose,
    luminance,
    ready,
)
from tests.helpers.movers import mover
from tests.helpers.visitors import Painter, until

PICTURE = Path(__file__).parents[2] / "docs" / "demo_picture.py"


@pytest.mark.parametrize("device", DEVICES)
def test_a_photo_becomes_a_clip_that_plays(serve, visit, photo, device, tmp_path_factory):
    with serve(model=mover(noise=True)) as server:
        page = visit(server, device)
        page.set_input_files("#file", photo)
        ready(page)
        now = "document.getElementById('clip').currentTime"
        until(lambda: page.evaluate(now) > 0.2)
        early = page.evaluate(now)
        until(lambda: abs(page.evaluate(now) - early) > 0.2)
        for attribute in ("loop", "muted", "playsInline"):
            assert page.evaluate(f"document.getElementById('clip').{attribute}") is True
        assert page.evaluate(TOO_WIDE) == []
        folder = tmp_path_factory.mktemp("downloads")
        for kind, name in [("#mp4", "moving-sky.mp4"), ("#gif", "moving-sky.gif")]:
            with page.expect_download() as download:
                page.locator(kind).click()
            assert download.value.suggested_filename == name
            download.value.save_as(folder / name)
            clip = video_files.read_video(folder / name)
            assert clip.shape[1:] == (240, 320, 3) and clip.std(axis=0).max() > 5
        page.close(run_before_unload=True)
        until(lambda: server.files() == [])  # leaving deletes


def test_the_slider_and_the_finger_show_the_photo(serve, visit, photo):
    with serve(model=mover()) as server:
        page = visit(server)
        page.set_input_files("#file", photo)
        ready(page)
        page.locator("#compare").fill("40")
        clipped = "document.getElementById('before').style.clipPath"
        assert page.evaluate(clipped).startswith("inset(0px 60% 0px 0px)")
        box = page.locator("#frame").bounding_box()
        page.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
        assert page.locator("#compare").input_value() == "75"
        page.locator("#compare").press("ArrowRight")
        assert page.locator("#compare").input_value() == "76"
        assert page.locator("#compare").get_attribute("aria-valuetext") == "76 % photo"
        page.locator("#play").click()
        assert page.evaluate("document.getElementById('clip').paused")
        until(lambda: page.locator("#play").text_content() == "Play")


@pytest.mark.parametrize("how", ["finger", "keys"])
def test_painting_what_may_move(serve, visit, photo, how):
    """Strokes on the left arrive as a mask that is white on the left."""
    found = []

    class Keeper(Painter):
        def __call__(self, folder, order, progress):
            if order.mask_bytes:
                found.append((folder / "mask").read_bytes())
            super().__call__(folder, order, progress)
            Image.new("RGB", (320, 240)).save(folder / "photo.jpg")

    with serve(make=Keeper()) as server:
        page = visit(server)
        page.set_input_files("#file", photo)
        page.wait_for_selector("[data-state=ready]")
        choose(page, "moves", "painted")
        page.locator("#make").click()
        assert "Nothing is painted yet" in page.locator("#status").text_content()
        page.locator("#width").fill("10")
        paint = page.locator("#paint")
        box = paint.bounding_box()
        if how == "finger":
            at = (box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3)
            page.mouse.move(*at)
            page.mouse.down()
            page.mouse.move(at[0], at[1] + box["height"] * 0.3, steps=5)
            page.mouse.up()
        else:
            paint.focus()
            for _ in range(6):
                paint.press("ArrowLeft")
            paint.press(" ")
            for _ in range(3):
                paint.press("Shift+ArrowDown")
        page.locator("#make").click()
        until(lambda: found)
        ready(page)
        assert not paint.is_visible()
        choose(page, "moves", "painted")  # back to what was painted
        assert paint.is_visible()
        page.locator("#make").click()
        until(lambda: len(found) == 2)
        assert found[0] == found[1]
    mask = np.asarray(Image.open(io.BytesIO(found[0])).convert("L")).astype(int)
    height, width = mask.shape
    assert abs(width / height - 4 / 3) < 0.01
    assert mask[:, : width // 2].max() == 255 and mask[:, width // 2 :].max() == 0
    assert 0.005 < (mask > 127).mean() < 0.2


def test_erasing_and_clearing(serve, visit, photo):
    with serve(model=mover()) as server:
        page = visit(server)
        page.set_input_files("#file", photo)
        ready(page)
        choose(page, "moves", "painted")
        painted = (
            "[...document.getElementById('paint').getContext('2d')"
            ".getImageData(0, 0, 768, 576).data].filter((x, i) => i % 4 == 3 && x > 20).length"
        )
        page.locator("#paint").focus()
        page.locator("#paint").press(" ")
        assert page.evaluate(painted) > 1000
        choose(page, "tool", "erase")
        page.locator("#paint").press(" ")
        assert page.evaluate(painted) < 500
        choose(page, "tool", "paint")
        page.locator("#paint").press(" ")
        page.locator("#clear").click()
        assert page.evaluate(painted) == 0


def test_waiting_and_stopping(serve, visit, photo):
    with serve() as server:
        server.painter.may_go.clear()
        one, two = visit(server), visit(server)
        one.set_input_files("#file", photo)
        until(lambda: server.painter.begun)
        two.set_input_files("#file", photo)
        until(lambda: "1 clip is made before yours" in two.locator("#doing").text_content())
        one.locator("#stop").click()
        until(lambda: len(server.painter.begun) == 2)
        assert one.locator("#status").text_content() == "Stopped."
        two.goto("about:blank")
        until(lambda: server.files() == [])


def test_what_is_no_photo_is_told(serve, visit, tmp_path_factory):
    path = tmp_path_factory.mktemp("visitor") / "notes.jpg"
    path.write_text("no photo")
    with serve() as server:
        page = visit(server)
        page.set_input_files("#file", path)
        page.wait_for_selector("#status.error")
        assert "cannot read that file as a photo" in page.locator("#status").text_content()
        small = path.with_name("small.png")
        Image.new("RGB", (20, 20)).save(small)
    with serve(model=mover()) as server:
        page = visit(server)
        page.set_input_files("#file", small)
        page.wait_for_selector("#status.error")
        assert (
            "has only 20 x 20 pixels, and 32 x 32 are needed"
            in page.locator("#status").text_content()
        )


def test_a_seed_only_where_there_is_noise(serve, visit, photo):
    for noise in (False, True):
        with serve(model=mover(noise=noise)) as server:
            page = visit(server)
            page.set_input_files("#file", photo)
            ready(page)
            assert page.locator("#seed").is_visible() == noise


def test_less_motion_if_asked(serve, visit, photo):
    with serve(model=mover()) as server:
        page = visit(server, reduced_motion="reduce")
        page.set_input_files("#file", photo)
        ready(page)
        assert page.evaluate("document.getElementById('clip').paused")
        page.locator("#play").click()
        until(lambda: page.evaluate("document.getElementById('clip').currentTime") > 0.1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_fields_have_names(serve, visit, photo, scheme):
    with serve(model=mover(noise=True)) as server:
        page = visit(server, color_scheme=scheme)
        seen = page.evaluate(COLOURS)
        page.set_input_files("#file", photo)
        ready(page)
        seen += page.evaluate(COLOURS)
        choose(page, "moves", "painted")
        seen += page.evaluate(COLOURS)
        assert len(seen) > 20
        check_contrast(seen)
        dark_page = luminance(seen[0][2]) < 0.2
        assert dark_page == (scheme == "dark")
        assert page.evaluate(NAMELESS) == []


def test_all_by_keyboard(serve, visit):
    with serve(model=mover()) as server:
        page = visit(server)
        for _ in range(9):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "example":
                break
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.press("Enter")
        ready(page)
        reached = set()
        for _ in range(15):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.name"))
        assert {"compare", "mp4", "gif", "moves", "speed", "seconds", "make", "again"} <= reached


def test_the_picture_for_the_docs(chromium, serve, tmp_path_factory):
    output = tmp_path_factory.mktemp("docs") / "demo.png"
    with serve(model=mover()) as server:
        options = [f"--address=http://{server.address}/", f"--output={output}"]
        subprocess.run([sys.executable, str(PICTURE), *options], check=True)
    with Image.open(output) as picture:
        assert picture.size == (1024, 768)
        assert len(picture.convert("RGB").getcolors(2**20)) > 100
