"""What mkdocs does besides: pages that lie outside of docs/, and no requests to other servers."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Pages that lie elsewhere, and what they are called in the site.
TAKEN = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "ssagan_jax/checkpoints/assets/MODEL_CARD.md": "model_card.md",
}
_HOMES = {called: path for path, called in TAKEN.items()}
_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")
_FENCE = re.compile(r"(^```.*?^```$)", flags=re.M | re.S)
# What a page or a style sheet would fetch: links that a reader may follow are none of these.
_FETCHED = re.compile(
    r"""(?:src|srcset|poster)\s*=\s*["']?(?:https?:)?//[^"'\s>]+"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|icon|preload|preconnect|dns-prefetch))"""
    r"""[^>]*href=["']?(?:https?:)?//[^>]*>"""
    r"""|@import[^;]*//[^;]*|url\(["']?(?:https?:)?//[^)]*\)|<pre class=["']?mermaid"""
)


def on_files(files, config):
    """Adds the pages of ``TAKEN``."""
    from mkdocs.structure.files import File

    for path, called in TAKEN.items():
        files.append(File.generated(config, called, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Changes a page; what is searched are the pages that people wrote, not the tables of runs."""
    if page.file.src_uri.startswith("results/"):
        page.meta["search"] = {"exclude": True}
    return as_site_has_it(markdown, page.file.src_uri)


def on_post_build(config):
    """Ends the build if a page would ask other servers for anything."""
    from mkdocs.exceptions import PluginError

    site = Path(config["site_dir"])
    for file in sorted([*site.rglob("*.html"), *site.rglob("*.css")]):
        if found := fetched(file.read_text(encoding="utf-8")):
            raise PluginError(f"{file.relative_to(site)} asks other servers: {found[0]}")


def fetched(text):
    """What the page or style sheet ``text`` would ask other servers for."""
    return _FETCHED.findall(text)


def as_site_has_it(markdown, called):
    """The page ``called`` so, as GitHub reads it, for the site: links, lists, the flowchart.

    Content of a list has two spaces before it for GitHub, four for the site; a flowchart is drawn
    by GitHub, while the site, which would need a program for it, has its arrows as text.
    """
    folder = Path(_HOMES.get(called, f"docs/{called}")).parent

    def change(text):
        text = re.sub(r"^ {2,3}(?=\S)", "    ", text, flags=re.M)
        return _LINK.sub(lambda link: _link(folder, called, *link.groups()), text)

    markdown = re.sub(r"^```mermaid\nflowchart TD$", "```text", markdown, flags=re.M)
    parts = _FENCE.split(re.sub(r"^ +\w+ ~~~ \w+\n", "", markdown, flags=re.M))
    return "".join(part if part.startswith("```") else change(part) for part in parts)


def _link(folder, called, text, target, anchor):
    """A link to a page of the site; to any other file its path, as code."""
    path = os.path.normpath(folder / target)
    if path == "README.md":
        path = "docs/index.md"
    elif path in TAKEN:
        path = f"docs/{TAKEN[path]}"
    if not path.startswith("docs/") or path.endswith(".py"):
        return text if path in text else f"{text} (`{path}`)"
    there = os.path.relpath(path, Path("docs", called).parent)
    if Path(text).name == Path(target).name:  # "docs/wind.md says": here the page is called "wind"
        text = Path(there).stem
    return f"[{text}]({there}{anchor or ''})"
