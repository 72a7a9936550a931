"""One self-contained HTML page: everything is in the file, and what is text stays text."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from ssagan_jax.io.html_document import document
from ssagan_jax.io.paths import AnyPath

MEDIA = {".png": "image/png", ".gif": "image/gif", ".mp4": "video/mp4"}

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2329; --soft: #5b6672;
  --line: #d5dae0; --card: #f5f7f9; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e8ecf0;
  --soft: #9ba6b2; --line: #343b43; --card: #1e2328; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem 1rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p, figcaption { color: var(--soft); margin: .4rem 0; }
figure { margin: .8rem 0; }
img, video { display: block; max-width: 100%; height: auto; background: #fff;
  border: 1px solid var(--line); border-radius: 6px; }
video { min-width: min(100%, 24rem); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
th { font-weight: 600; }
small { color: var(--soft); white-space: nowrap; }
summary { cursor: pointer; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: .5rem .8rem; margin: .8rem 0; }
pre { overflow-x: auto; font-size: .8rem; overflow-wrap: normal; }
"""


def page(title: str, body: Iterable[str]) -> str:
    """The whole page.

    Args:
      title: text.
      body: HTML, made by the functions below.
    """
    return document(title, body, style=_STYLE)


def section(title: str, *parts: str) -> str:
    """A heading and what is below it (HTML)."""
    return "\n".join(["<section>", f"<h2>{escape(title)}</h2>", *parts, "</section>"])


def heading(text: str) -> str:
    """A heading within a section."""
    return f"<h3>{escape(text)}</h3>"


def note(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{escape(text)}</p>"


def folded(title: str, *parts: str) -> str:
    """Parts (HTML) that are shown when one asks for them."""
    return "\n".join([f"<details><summary>{escape(title)}</summary>", *parts, "</details>"])


def preformatted(text: str) -> str:
    """Text with its lines and columns."""
    return f"<pre>{escape(text)}</pre>"


def table(head: Sequence[str], rows: Iterable[Sequence[str | tuple[str, str]]]) -> str:
    """A table of text; a cell may be (text, small text below it). The first cell names the row."""
    top = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td>{_cell(cell)}</td>" for cell in others)
        lines.append(f'<tr><th scope="row">{_cell(first)}</th>{cells}</tr>')
    table = [f"<table><thead><tr>{top}</tr></thead>", "<tbody>", *lines, "</tbody></table>"]
    return "\n".join(['<div class="wide">', *table, "</div>"])


def media(path: AnyPath, caption: str, *, width: int | None = None) -> str:
    """A picture or video with a caption, in the page itself.

    Args:
      path: the file.
      caption: text.
      width: in pixels of the page; None: the file's own, or what there is room for.

    Raises:
      ValueError: a file of another kind than those in ``MEDIA``.
    """
    if path.suffix not in MEDIA:
        raise ValueError(f"A page shows {', '.join(MEDIA)}, not {path.name}.")
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    source, text = f"data:{MEDIA[path.suffix]};base64,{data}", escape(caption)
    wide = f' width="{width}"' if width else ""
    if path.suffix == ".mp4":
        options = f"controls autoplay muted loop playsinline{wide}"
        shown = f'<video {options} aria-label="{text}" src="{source}"></video>'
    else:
        shown = f'<img{wide} alt="{text}" src="{source}">'
    return f"<figure>{shown}<figcaption>{text}</figcaption></figure>"


def _cell(cell: str | tuple[str, str]) -> str:
    if isinstance(cell, str):
        return escape(cell)
    text, below = cell
    return f"{escape(text)}<br><small>{escape(below)}</small>" if below else escape(text)
