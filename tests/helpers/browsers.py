"""What tests in a real browser share: what is looked at on a page, and how a page is used."""

import contextlib
import importlib
import os
import shutil
import socket

import numpy as np
import pytest

# The machine's own name, as browsers write it: pages under it are not trusted with what needs
# localhost or https.
MACHINE = socket.gethostname().lower()
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",  # in a container Chromium's own cannot start
    f"--host-resolver-rules=MAP {MACHINE} 127.0.0.1",
)
DEVICES = {
    "tablet": {"viewport": {"width": 1024, "height": 768}, "has_touch": True},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}
WAIT = 60_000  # milliseconds
LEAST_CONTRAST = 4.5

# What reaches over the side of the page, or of the panel that it is in.
TOO_WIDE = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const within = (element.closest("#panel") ?? document.documentElement).getBoundingClientRect();
  const { left, right, width } = element.getBoundingClientRect();
  return width && (right > within.right + 1 || left < within.left - 1);
}).map((element) => element.id || element.tagName)"""

# Of each piece of text: its colour, and the first background behind it that hides what is below.
COLOURS = """() => {
  const shown = (element) => element.getClientRects().length && !element.closest("#busy, #frame");
  const texts = [...document.querySelectorAll("body *")].filter((element) => shown(element) &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
    return getComputedStyle(document.documentElement).getPropertyValue("--paper");
  };
  return texts.map((element) =>
    [element.textContent.trim().slice(0, 30), getComputedStyle(element).color, behind(element)]);
}"""

# Fields that say nothing to who cannot see them.
NAMELESS = """[...document.querySelectorAll('input, button, canvas, video, progress')].filter((x) =>
  !(x.labels?.length || x.textContent.trim() || x.ariaLabel || x.getAttribute('aria-labelledby')
    || x.closest('[aria-label][role=img]'))).map((x) => x.id)"""


def missing(what: str):
    """Ends a test that cannot be run here."""
    if os.environ.get("SSAGAN_BROWSER_TESTS") == "required":
        pytest.fail(what)
    pytest.skip(what)


def needed(package: str, install: str):
    """A package that may be missing."""
    try:
        return importlib.import_module(package)
    except ImportError:
        missing(f"no {package} here: {install}")


class Pages:
    """Pages that are open, and what they complained about or asked others for."""

    def __init__(self):
        self.complaints = []
        self._contexts = []

    def open(self, browser, address, device, *, expected=(), **options):
        """A new page on a device of its own; ``expected``: parts of complaints that are none."""
        context = browser.new_context(**DEVICES[device], **options)
        context.set_default_timeout(WAIT)
        self._contexts.append(context)
        page = context.new_page()
        own = (f"http://{address}/", f"blob:http://{address}/")

        def told(said):
            if said.type == "error" and not any(part in said.text for part in expected):
                self.complaints.append(said.text)

        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", told)
        page.on("request", lambda it: it.url.startswith(own) or self.complaints.append(it.url))
        page.goto(f"http://{address}/")
        return page

    @contextlib.contextmanager
    def closed_before(self, server):
        """A server that goes after the pages, which may still be asking it for something."""
        with server as told:
            try:
                yield told
            finally:
                while self._contexts:
                    self._contexts.pop().close()


@pytest.fixture
def pages():
    """Those of a test; it fails with what they complain about, or ask others for."""
    pages = Pages()
    yield pages
    assert pages.complaints == []


@pytest.fixture(scope="module")
def launch():
    """A function that starts Chromium with further arguments."""
    if not CHROMIUM:
        missing("no Chromium here: apt-get install chromium, or set CHROMIUM")
    playwright = needed("playwright.sync_api", "pip install playwright")
    with playwright.sync_playwright() as driver:
        browsers = []

        def launch(*arguments):
            browsers.append(
                driver.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments])
            )
            return browsers[-1]

        yield launch
        for browser in browsers:
            browser.close()


@pytest.fixture(scope="module")
def chromium(launch):
    return launch()


def ready(page):
    """Waits for a clip."""
    page.wait_for_selector("[data-state=ready]")


def choose(page, name, value):
    """Chooses one of several."""
    page.locator(f"label:has(input[name={name}][value={value}])").click()


def check_contrast(seen):
    """Of what ``COLOURS`` found."""
    for text, ink, paper in seen:
        light, dark = sorted([luminance(ink), luminance(paper)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= LEAST_CONTRAST, (text, ink, paper)


def luminance(colour):
    """Of WCAG 2, from ``rgb(1, 2, 3)`` or ``#010203``."""
    colour = colour.strip()
    if colour.startswith("#"):
        channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    else:
        channels = [float(x) for x in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [
        x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4
        for x in np.divide(channels, 255)
    ]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])
