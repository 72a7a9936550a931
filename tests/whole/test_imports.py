"""The house: rooms import downwards only, tests mirror them, the light path stays light.

The table of rooms in docs/architecture.md is the one source of their order.
"""

import ast
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "ssagan_jax"
PAGE = ROOT / "docs" / "architecture.md"
NO_ROOMS = {"__init__.py", "py.typed", "__pycache__"}  # the public face, a marker, Python's own

# What the order of the rooms does not forbid: (room, what it must not reach by any way).
FORBIDDEN = (
    ("losses", "models"),
    ("metrics", "losses"),
    ("metrics", "models"),
    ("data", "losses"),
    ("data", "metrics"),
    ("data", "models"),
    ("checkpoints", "data"),
    ("checkpoints", "distributed"),
    ("checkpoints", "losses"),
    ("checkpoints", "metrics"),
    ("animation", "data"),
    ("animation", "distributed"),
    ("animation", "losses"),
    ("animation", "metrics"),
    ("distributed", "data"),
    ("distributed", "losses"),
    ("distributed", "metrics"),
    ("distributed", "models"),
    ("evaluation", "losses"),
    ("export", "data"),
    ("export", "training"),
    ("export", "evaluation"),
    ("demo", "training"),
    ("demo", "evaluation"),
    ("viz", "losses"),
    ("viz", "models"),
)


def rooms():
    """Names in the first column of the page's table under "Rooms", top to bottom."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## Rooms\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [re.match(r"\| `([\w.]+)", row)[1] for row in rows]


ROOMS = [room.removesuffix(".py") for room in rooms()]


def modules():
    """Every module by its name within the package, with its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield name.removesuffix("__init__").removesuffix("."), path


FILES = dict(modules())


def imports(path):
    """Modules of the package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        else:
            continue
        for target in targets:
            if target.partition(".")[0] == "ssagan_jax":
                name = target.removeprefix("ssagan_jax").removeprefix(".")
                yield name if name in FILES else name.rpartition(".")[0]


# The package's own file, the public face, stands above all rooms.
EDGES = sorted(
    {(name, target) for name, path in FILES.items() for target in imports(path) if name and target}
)


def room(module):
    return module.partition(".")[0]


def folder(module):
    """``data.sets.sky`` -> ``data/sets``, and ``data`` (its ``__init__``) -> ``data``."""
    return FILES[module].parent.relative_to(PACKAGE).as_posix()


def reached(start, edges):
    """What can be reached from ``start`` along one edge or more."""
    seen, new = set(), set(start)
    while new:
        new = {target for source, target in edges if source in new} - seen
        seen |= new
    return seen


def diagram():
    """Arrows of the page's diagram: (importer, imported)."""
    text = PAGE.read_text(encoding="utf-8").partition("```mermaid\n")[2].partition("```")[0]
    for sources, targets in re.findall(r"^ +([\w &]+) --> ([\w &]+)$", text, flags=re.M):
        yield from itertools.product(sources.split(" & "), targets.split(" & "))


def in_circles(edges):
    return sorted({source for source, _ in edges if source in reached([source], edges)})


def test_every_entry_of_the_package_is_a_room():
    entries = {path.name for path in PACKAGE.iterdir()} - NO_ROOMS
    assert entries == set(rooms())
    assert len(rooms()) == len(ROOMS) == len(set(ROOMS))


def test_the_package_has_at_most_20_entries():
    assert len({path.name for path in PACKAGE.iterdir()} - {"__pycache__"}) <= 20


def test_the_edges_are_found():
    assert ("training.objectives", "losses") in EDGES
    assert ("losses.content", "ops.window") in EDGES
    assert ("animation.animator", "checkpoints.loading") in EDGES
    assert any(source.startswith("cli.") and room(target) == "training" for source, target in EDGES)


def test_rooms_import_downwards_only():
    upward = [
        f"{importer} imports {imported}"
        for importer, imported in EDGES
        if room(importer) != room(imported)
        and ROOMS.index(room(importer)) >= ROOMS.index(room(imported))
    ]
    assert not upward


def test_the_diagram_is_of_these_rooms():
    arrows = set(diagram())
    assert {name for arrow in arrows for name in arrow} == set(ROOMS) - {"types"}
    assert not [(a, b) for a, b in arrows if ROOMS.index(a) >= ROOMS.index(b)]
    drawn = {name: reached([name], arrows) for name in ROOMS}
    edges = {(room(source), room(target)) for source, target in EDGES}
    anywhere = {"config", "io", "types"}
    assert not [(a, b) for a, b in edges if a != b and b not in drawn[a] | anywhere]


def test_no_circle_of_folders():
    edges = {(folder(source), folder(target)) for source, target in EDGES}
    assert not in_circles({(source, target) for source, target in edges if source != target})


def test_no_circle_of_files():
    assert not in_circles({(source, target) for source, target in EDGES if source != target})


@pytest.mark.parametrize(("importer", "imported"), FORBIDDEN)
def test_forbidden(importer, imported):
    """Not even by way of another module."""
    assert {importer, imported} <= set(ROOMS)
    assert ROOMS.index(importer) < ROOMS.index(imported), "the order forbids this already"
    start = {name for name in FILES if room(name) == importer}
    assert not sorted(name for name in reached(start, EDGES) if room(name) == imported)


def has_logic(path):
    """Whether there is a function in it; docstrings, imports, constants and fields are none."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) for node in ast.walk(ast.parse(path.read_text())))


def mirrors(module):
    """Where the tests of a module may be: one file, several with its name first, or a folder.

    ``data/__init__.py`` has tests/data/test_data.py.
    """
    path = FILES[module].relative_to(PACKAGE)
    name = path.parent.name if path.stem == "__init__" else path.stem
    place = ROOT / "tests" / path.parent
    yield from place.glob(f"test_{name}.py")
    yield from place.glob(f"test_{name}_*.py")
    if path.stem != "__init__":
        yield from (place / name).glob("test_*.py")


def test_tests_mirror_the_rooms():
    with_logic = {name for name, path in FILES.items() if name and has_logic(path)}
    missing = {name for name in with_logic if not any(mirrors(name))}
    assert not missing, "no test file mirrors these"


def test_folders_of_tests_are_rooms():
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    others = {"helpers", "whole", "benchmarks", "__pycache__"}
    assert folders - others <= set(ROOMS)
    for inner in {
        path.parent.relative_to(ROOT / "tests") for path in ROOT.glob("tests/**/test_*.py")
    }:
        if inner.parts and inner.parts[0] not in others:
            assert (PACKAGE / inner).is_dir() or (PACKAGE / inner).with_suffix(".py").is_file()


def run(code):
    """Runs code in a fresh interpreter; returns what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_training_and_animating_load_neither_tensorflow_nor_pytorch():
    loaded = run(
        "import sys\n"
        "import ssagan_jax.cli.main, ssagan_jax.training.loop, ssagan_jax.training.step\n"
        "import ssagan_jax.animation.files, ssagan_jax.evaluation.api, ssagan_jax.config.loading\n"
        "import ssagan_jax.data.sets.sky, ssagan_jax.data.sets.synthetic\n"
        "import ssagan_jax.checkpoints.torch.conversion\n"
        "from ssagan_jax.training.writers import Writers\n"
        "import tempfile\n"
        "Writers(tempfile.mkdtemp(), step=0, backend='tensorboardX').close()\n"
        "print(*sys.modules)"
    ).split()
    assert "ssagan_jax.training.loop" in loaded
    assert not {"tensorflow", "torch", "tensorboard"} & set(loaded)


def test_help_answers_without_jax():
    printed = run(
        "import sys\n"
        "from ssagan_jax.cli import main as cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('loaded:', *sys.modules)"
    )
    assert "train" in printed.partition("loaded:")[0]
    assert not {"jax", "flax", "numpy", "ml_collections"} & set(printed.split())
