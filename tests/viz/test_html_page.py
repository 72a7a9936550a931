"""Pages that hold all they show, and show text as text."""

import base64

import pytest

from ssagan_jax.viz import html_page as html

EVIL = '<script src="http://x">&"\''
SAFE = "&lt;script src=&quot;http://x&quot;&gt;&amp;&quot;&#x27;"


@pytest.mark.parametrize(
    "made",
    [
        html.section(EVIL),
        html.heading(EVIL),
        html.note(EVIL),
        html.folded(EVIL),
        html.preformatted(EVIL),
        html.table([EVIL], []),
        html.table(["a"], [(EVIL,)]),
        html.table(["a", "b"], [("a", EVIL)]),
        html.table(["a", "b"], [("a", ("a", EVIL))]),
    ],
)
def test_text_stays_text(made):
    assert SAFE in made and "<script" not in made


def test_a_page_has_a_title_and_allows_no_outside_request():
    page = html.page(EVIL, [html.note("words")])
    assert f"<title>{SAFE}</title>" in page and f"<h1>{SAFE}</h1>" in page
    assert "<p>words</p>" in page
    assert "default-src 'none'; img-src data:; media-src data:" in page
    assert 'name="viewport"' in page and "prefers-color-scheme: dark" in page


@pytest.mark.parametrize(
    ("name", "kind", "tag"),
    [("a.png", "image/png", "<img"), ("a.gif", "image/gif", "<img"), ("a.mp4", "video/mp4", "<vi")],
)
def test_media_are_in_the_page(tmp_path, name, kind, tag):
    (tmp_path / name).write_bytes(b"\0bytes")
    made = html.media(tmp_path / name, EVIL)
    data = base64.b64encode(b"\0bytes").decode()
    assert tag in made and f'src="data:{kind};base64,{data}"' in made
    assert made.count(SAFE) == 2 and "<script" not in made
    assert ("autoplay muted loop playsinline" in made) == (tag == "<vi")


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_the_width_of_media(tmp_path, name):
    (tmp_path / name).write_bytes(b"\0bytes")
    assert ' width="123" ' in html.media(tmp_path / name, "", width=123)
    assert "width" not in html.media(tmp_path / name, "")


def test_other_media(tmp_path):
    with pytest.raises(ValueError, match=r"A page shows \.png, \.gif, \.mp4, not a\.svg\."):
        html.media(tmp_path / "a.svg", "")


def test_a_table_has_its_cells_in_order():
    made = html.table(["", "mse"], [("still", ("1", "0 to 2")), ("other", "-")])
    order = ["still", "1<br><small>0 to 2</small>", "other", "<td>-</td>"]
    assert sorted(order, key=made.index) == order
