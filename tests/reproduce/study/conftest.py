"""A rater's browser; ``helpers/browsers.py`` says when its tests are skipped."""

import pytest

from tests.helpers.browsers import chromium, launch, pages
from tests.helpers.studies import serving

__all__ = ["chromium", "launch", "pages"]  # fixtures


@pytest.fixture
def visit(chromium, pages):
    """A function that opens the page."""

    def visit(address, device="tablet", **options):
        page = pages.open(chromium, address, device, **options)
        page.wait_for_selector("#begin:visible")
        return page

    return visit


@pytest.fixture
def serve(pages):
    """A function that serves the study of a folder."""
    return lambda folder: pages.closed_before(serving(folder))
