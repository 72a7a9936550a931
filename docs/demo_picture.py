"""Makes docs/demo.png: a running demo at the size of a tablet.

    ssagan demo [--workdir=RUN] [--on-device=FOLDER]
    python docs/demo_picture.py [--address=http://127.0.0.1:8000/] [--photo=FILE] [--here]

Needs Chromium (``CHROMIUM`` may say where it is) and the extra ``browser``.
"""

import argparse
import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

SIZE = {"width": 1024, "height": 768}
PATIENCE = 300_000  # milliseconds, for the clip
PLAYED = 2_500  # milliseconds, before the picture is taken
SHARE = 45  # per cent of the width that show the photo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="http://127.0.0.1:8000/")
    parser.add_argument("--photo", type=Path, help="(default: the page's example)")
    parser.add_argument("--here", action="store_true", help="run the network in the browser")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("demo.png"))
    options = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport=SIZE, has_touch=True).new_page()
        page.goto(options.address)
        taken = taken_of(page, options)
        browser.close()
    # 256 colours: a third of the size.
    Image.open(io.BytesIO(taken)).convert("RGB").quantize().save(options.output, optimize=True)
    print(options.output)


def taken_of(page, options) -> bytes:
    if options.here:
        page.locator("#here").check()
    if options.photo:
        page.set_input_files("#file", options.photo)
    else:
        page.locator("#example").click()
    page.wait_for_selector("[data-state=ready]", timeout=PATIENCE)
    if page.locator("#arrow").is_visible():
        frame = page.locator("#frame").bounding_box()
        x, y = frame["x"] + 0.3 * frame["width"], frame["y"] + 0.2 * frame["height"]
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y - 25)
        page.mouse.up()
    page.wait_for_timeout(PLAYED)
    if not page.locator("#arrow").is_visible():
        page.locator("#compare").fill(str(SHARE))
    return page.screenshot()


if __name__ == "__main__":
    main()
