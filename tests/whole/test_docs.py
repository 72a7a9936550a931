"""Links between the pages lead somewhere, and the files and modules that they name exist."""

import ast
import re
import runpy
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "ssagan_jax"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *PACKAGE.rglob("*.md")])
# Pages that name what was there at the time.
HISTORY = {ROOT / "CHANGELOG.md", *ROOT.glob("docs/results/*.md")}
SITE = runpy.run_path(str(ROOT / "docs/site_hooks.py"))


def named(page):
    return str(page.relative_to(ROOT))


def prose(page):
    """The text of a page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page):
    """What the headings of a page are called in links, as GitHub has it."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.M)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def links(page):
    """Targets of links and pictures to files of the project."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if not re.match(r"https?:|mailto:", target)]


def is_broken(page, target):
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    return not file.exists() or bool(anchor and anchor not in anchors(file))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links(page):
    assert not [target for target in links(page) if is_broken(page, target)]


def reached_from(start):
    """The page ``start``, and those that its links lead to, and so on."""
    found, new = set(), {start}
    while new:
        page = new.pop()
        found.add(page)
        targets = {(page.parent / target.partition("#")[0]).resolve() for target in links(page)}
        new |= {target for target in targets if target.suffix == ".md"} - found
    return found


@pytest.mark.parametrize("start", ["README.md", "docs/index.md"])
def test_every_page_can_be_reached(start):
    found = reached_from(ROOT / start)
    assert not [named(page) for page in ROOT.glob("docs/*.md") if page not in found]


def leaves(nav):
    """The pages in mkdocs' table of contents."""
    for entry in nav:
        for part in entry.values():
            yield from [part] if isinstance(part, str) else leaves(part)


def test_the_site_has_every_page_in_its_table_of_contents():
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    pages = [page.name for page in ROOT.glob("docs/*.md")]
    assert sorted(leaves(settings["nav"])) == sorted([*pages, *SITE["TAKEN"].values()])


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("a.md", "[b](b.md#c)", "[b](b.md#c)"),
        ("a.md", "[b.md](b.md#c) says", "[b](b.md#c) says"),
        ("contributing.md", "[SECURITY.md](SECURITY.md)", "[security](security.md)"),
        ("a.md", "[how](../CONTRIBUTING.md#a-loss)", "[how](contributing.md#a-loss)"),
        ("contributing.md", "[r](docs/architecture.md#rooms)", "[r](architecture.md#rooms)"),
        ("model_card.md", "[wind](../../../docs/wind.md)", "[wind](wind.md)"),
        ("results/a.md", "[b](../b.md)", "[b](../b.md)"),
        ("a.md", "[all](../README.md)", "[all](index.md)"),
        ("a.md", "[animate](../notebooks/animate.ipynb)", "animate (`notebooks/animate.ipynb`)"),
        ("a.md", "[x](https://x.example) ![p](p.png)", "[x](https://x.example) ![p](p.png)"),
        ("a.md", "```sh\n  [b](../b.py)\n```", "```sh\n  [b](../b.py)\n```"),
        ("a.md", "```mermaid\nflowchart TD\n  a --> b\n  b ~~~ c\n```", "```text\n  a --> b\n```"),
        ("a.md", "- b:\n\n  ```sh\n  c\n  ```", "- b:\n\n    ```sh\n    c\n    ```"),
    ],
)
def test_pages_as_the_site_has_them(page, text, expected):
    assert SITE["as_site_has_it"](text, page) == expected


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ('<a href="https://x.example/a.css">read</a>', False),
        ('<script src="assets/a.js"></script>', False),
        ('<script src="https://x.example/a.js"></script>', True),
        ("<img src=//x.example/a.png>", True),
        ('<link href="https://x.example/a.css" rel="stylesheet">', True),
        ('<link rel="stylesheet" href="assets/a.css">', False),
        ("@import url(https://x.example/a.css);", True),
        ("a { background: url(data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/'>) }", False),
        ('<pre class="mermaid"><code>a --> b</code></pre>', True),  # its program is at a CDN
    ],
)
def test_pages_that_would_ask_other_servers(text, is_asked):
    assert bool(SITE["fetched"](text)) == is_asked


def test_every_extra_is_explained():
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    [extras] = [
        node.value for node in ast.walk(tree) if getattr(node, "arg", "") == "extras_require"
    ]
    page = prose(ROOT / "docs/start.md")
    assert not [key.value for key in extras.keys if f"`{key.value}`" not in page]


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def path_exists(name):
    """Whether there is such a file or folder of the project, or of the package."""
    place, _, file = name.rpartition("/")
    if re.match(r"[A-Z]+\.", file):  # NAME.py: up to the reader
        return path_exists(place)
    return any((base / name).exists() for base in (ROOT, PACKAGE))


def module_exists(name):
    """Whether ``ssagan_jax.a.b`` is a module, or a name in one."""
    parts = name.split(".")[1:]
    for count in range(len(parts), -1, -1):
        path = PACKAGE.joinpath(*parts[:count])
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if file.is_file():
            rest = parts[count:]
            return not rest or rest[0] in words(file)
    return False


def words(file):
    """Names that a module defines or imports, and strings that may be names (``__all__``)."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        found |= {
            getattr(node, field)
            for field in ("name", "id", "attr", "value")
            if is_text(node, field)
        }
    return found


def is_text(node, field):
    return isinstance(getattr(node, field, None), str)


def folders():
    """First parts of paths that the pages may name: rooms, and folders of the project."""
    return {path.name for base in (ROOT, PACKAGE) for path in base.iterdir() if path.is_dir()}


@pytest.mark.parametrize("page", [page for page in PAGES if page not in HISTORY], ids=named)
def test_files_and_modules_that_are_named(page):
    missing = []
    for code in re.findall(r"`([^`\n]+)`", prose(page)):
        module = re.match(r"(?:python -m )?(ssagan_jax(?:\.\w+)+)", code)
        if module and not module_exists(module[1]):
            missing.append(module[1])
        path = re.fullmatch(r"([\w.-]+)/(?!.*\bA/)[\w./-]*", code)  # A/: of a rule for all rooms
        if path and path[1] in folders() and not path_exists(code):
            missing.append(code)
    assert not missing
