"""Links between the pages lead somewhere, and the files and modules that they name exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "ssagan_jax"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *PACKAGE.rglob("*.md")])
# Pages that name what was there at the time.
HISTORY = {ROOT / "CHANGELOG.md", *ROOT.glob("docs/results/*.md")}


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


def test_every_page_can_be_reached():
    found, new = set(), {ROOT / "README.md"}
    while new:
        page = new.pop()
        found.add(page)
        targets = {(page.parent / target.partition("#")[0]).resolve() for target in links(page)}
        new |= {target for target in targets if target.suffix == ".md"} - found
    assert not [named(page) for page in ROOT.glob("docs/*.md") if page not in found]


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
