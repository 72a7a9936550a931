"""What becomes of footage, as one HTML file: stretches with pictures, times and reasons."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from ssagan_jax.data.footage.fates import Footage
from ssagan_jax.data.footage.stretches import Stretch
from ssagan_jax.io.html_document import document

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2329; --soft: #5b6672; --line: #d5dae0;
  --kept: #1d7a46; --out: #b3402e; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e8ecf0; --soft: #9ba6b2;
  --line: #343b43; --kept: #5cc48a; --out: #f08a76; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .2rem; }
p { color: var(--soft); margin: .3rem 0; }
.film { display: flex; height: .8rem; gap: 2px; margin: .6rem 0; }
.film i { background: var(--out); border-radius: 2px; min-width: 2px; }
.film i.kept { background: var(--kept); }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .6rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
li { border: 1px solid var(--line); border-left: 5px solid var(--out); border-radius: 6px;
  padding: .5rem .7rem; }
li.kept { border-left-color: var(--kept); }
li b { color: var(--out); } li.kept b { color: var(--kept); }
.pictures { display: flex; gap: 4px; margin-top: .4rem; }
.pictures img { width: calc(33% - 2px); height: auto; border-radius: 3px; }
"""


def page(footage: Sequence[Footage]) -> str:
    """The whole page, as text."""
    stretches = [stretch for one in footage for stretch in one.stretches]
    kept = sum(_frames(stretch) for stretch in stretches if stretch.kept)
    total = sum(stretch.frames for stretch in stretches)
    title = f"Footage: {kept:,} of {total:,} frames are kept"
    return document(title, map(_section, footage), style=_STYLE)


def _section(footage: Footage) -> str:
    said = [item.reason for item in footage.said]
    lines = [f"<h2>{escape(str(footage.path))}</h2>"]
    lines += [f"<p>{escape(text)}</p>" for text in [footage.about, *said] if text]
    if footage.stretches:
        lines += [_bar(footage.stretches), "<ol>"]
        pairs = zip(footage.stretches, footage.pictures, strict=True)
        lines += [_stretch(*pair) for pair in pairs]
        lines.append("</ol>")
    return "<section>\n" + "\n".join(lines) + "\n</section>"


def _bar(stretches: Iterable[Stretch]) -> str:
    """The film from left to right."""
    parts = [
        f'<i class="{"kept" if one.kept else "out"}" style="flex: {one.frames}"></i>'
        for one in stretches
    ]
    return f'<div class="film" aria-hidden="true">{"".join(parts)}</div>'


def _stretch(stretch: Stretch, pictures: Iterable[bytes]) -> str:
    kind, word = ("kept", "kept") if stretch.kept else ("out", f"left out: {stretch.reason}")
    facts = [f"{stretch.start:.2f} to {stretch.end:.2f} s", f"{_frames(stretch)} frames"]
    if stretch.twice:
        facts.append(f"{len(stretch.twice)} duplicates left out")
    if stretch.steady:
        facts.append("held still")
    elif stretch.box:
        top, bottom, left, right = stretch.box
        facts.append(f"cropped to {right - left} x {bottom - top}")
    shown = "".join(_picture(data, stretch) for data in pictures)
    text = f"<b>{escape(word)}</b><p>{escape(', '.join(facts))}</p>"
    return f'<li class="{kind}">{text}<div class="pictures">{shown}</div></li>'


def _picture(data: bytes, stretch: Stretch) -> str:
    source = f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"
    return f'<img alt="a frame of {stretch.start:.2f} to {stretch.end:.2f} s" src="{source}">'


def _frames(stretch: Stretch) -> int:
    return stretch.frames - len(stretch.twice)
