import re
from html.parser import HTMLParser
from pathlib import Path

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.footage.bars import Box
from ssagan_jax.data.footage.fates import Footage
from ssagan_jax.data.footage.page import page
from ssagan_jax.data.footage.stretches import Stretch

FOOTAGE = [
    Footage(
        Path("videos/<b>one</b>.mp4"),
        "h264, 160 x 90",
        [
            Stretch(0, 50, 0.0, 2.0, 0.0, "", frozenset({1}), Box(2, 88, 0, 160)),
            Stretch(50, 10, 2.0, 2.4, 2.0, "the camera moves"),
        ],
        [[b"jpeg"], [b"other", b"more"]],
    ),
    Footage(Path("half.mp4"), said=[Skipped("half.mp4", "is incomplete: 3 of 9 frames")]),
]


def test_what_is_kept_what_is_not_and_why():
    text = page(FOOTAGE)
    assert "<h1>Footage: 49 of 60 frames are kept</h1>" in text
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))
    assert "kept 0.00 to 2.00 s, 49 frames, 1 duplicates left out, cropped to 160 x 86" in shown
    assert "left out: the camera moves 2.00 to 2.40 s, 10 frames" in shown
    assert "half.mp4 is incomplete: 3 of 9 frames" in shown
    assert text.count("data:image/jpeg;base64,") == 3


def test_names_are_text_and_nothing_is_loaded():
    text = page(FOOTAGE)
    assert "<b>one</b>" not in text
    assert "default-src 'none'" in text and "http" not in text.replace("http-equiv", "")


def test_every_tag_is_closed():
    class Tags(HTMLParser):
        open: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag, attributes):
            if tag not in ("meta", "img"):
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    parser = Tags()
    parser.feed(page(FOOTAGE))
    assert parser.open == []
