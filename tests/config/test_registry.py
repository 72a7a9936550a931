"""Names in a configuration and the files they stand for."""

import sys

import pytest

from ssagan_jax.config import registry


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with two modules, one of them with a table, and a folder."""
    folder = tmp_path / "shapes"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "inner" / "__init__.py").write_text("TABLE = {'hidden': 0}")
    (folder / "square.py").write_text("TABLE = {'square': 4, 'cube': 6}")
    (folder / "circle.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield "shapes"
    for name in [name for name in sys.modules if name.partition(".")[0] == "shapes"]:
        del sys.modules[name]


def test_modules_are_the_files_by_name(package):
    found = registry.modules(package)
    assert list(found) == ["circle", "square"]
    assert found["square"].__name__ == "shapes.square"


def test_tables_are_joined(package):
    assert registry.tables(package, "TABLE") == {"square": 4, "cube": 6}
    assert registry.tables(package, "OTHER") == {}


def test_the_nearest_name():
    assert registry.nearest("sqare", ["square", "circle"]) == ' Did you mean "square"?'
    assert registry.nearest("b", ["config_b"], prefix="x.") == ""
    assert registry.nearest("batchsize", ["batch_size"], prefix="config.") == (
        ' Did you mean "config.batch_size"?'
    )
