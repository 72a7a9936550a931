"""What the package imports is what setup.py declares."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("ssagan_jax/**/*.py")) + sorted(ROOT.glob("configs/*.py"))
SETUP = (ROOT / "setup.py").read_text(encoding="utf-8")
OWN = {"ssagan_jax"}
# Distributions by the name they are imported by, where it is another and they may be missing.
IMPORTED_AS = {
    "IPython": "ipykernel",
    "apache_beam": "apache-beam",
    "google": "gcsfs",
    "fsspec": "gcsfs",
    "jax2onnx": "jax2onnx",
    "mlflow": "mlflow-skinny",
    "onnx": "onnx",
    "onnx_ir": "onnx-ir",
    "tensorflow": "tensorflow-cpu",
    "torch": "torch",
}
UNDECLARED = {
    "jax2onnx",  # asks for an older orbax-checkpoint: docs/export.md has its command
    "google.colab",  # Colab's own
    "libtpu",  # asked for by its version only
    "jaxlib",  # jax's own
}


def declared(text):
    """The names of the distributions that a setup.py lists, extras included."""
    lists = (node.elts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List))
    words = (n.value for each in lists for n in each if isinstance(n, ast.Constant))
    return {normal(re.match(r"[A-Za-z0-9_.-]*", str(word))[0]) for word in words}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def find_undeclared(names):
    """Imported modules of which no distribution is among the names, each with a file."""
    known, missing = packages_distributions(), {}
    for path in FILES:
        for module in imported(path):
            top = module.partition(".")[0]
            if top in OWN or top in sys.stdlib_module_names or {top, module} & UNDECLARED:
                continue
            distributions = {*known.get(top, ()), IMPORTED_AS.get(top, top)}
            if not {normal(name) for name in distributions} & names:
                missing.setdefault(top, path.relative_to(ROOT).as_posix())
    return missing


def test_every_import_is_declared():
    assert not find_undeclared(declared(SETUP))


def test_one_that_is_not_is_found():
    names = declared(SETUP) - {"scipy"}
    assert find_undeclared(names) == {"scipy": "ssagan_jax/reproduce/study/scores.py"}
