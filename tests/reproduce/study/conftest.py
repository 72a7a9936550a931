"""A rater's browser; ``helpers/browsers.py`` says when its tests are skipped."""

import pytest

from tests.helpers.browsers import DEVICES, chromium, launch

__all__ = ["chromium", "launch"]  # fixtures


@pytest.fixture
def visit(chromium):
    """A function that opens the page; whatever it complains about, or asks others for, fails."""
    contexts, complaints = [], []

    def visit(address, device="tablet", *, expected="", **options):
        context = chromium.new_context(**DEVICES[device], **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and told(said.text, expected))
        page.on("request", lambda asked: asked.url.startswith(allowed(address)) or told(asked.url))
        page.goto(f"http://{address}/")
        page.wait_for_selector("#begin:visible")
        return page

    def allowed(address):
        return (f"http://{address}/", f"blob:http://{address}/")

    def told(text, expected=""):
        if not (expected and expected in text):
            complaints.append(text)

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []
