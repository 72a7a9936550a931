"""The notebooks: stored clean, the same as their scripts, and they run."""

import base64
import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NAMES = ("animate", "attention", "results", "train_tiny")
MOST = {"image/png": 100_000, "image/gif": 400_000}  # bytes of a picture that is stored


def cells(name):
    """The cells of a notebook, as JSON has them."""
    return json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]


def code(name):
    return [cell for cell in cells(name) if cell["cell_type"] == "code"]


def tagged(tag, name):
    return [cell for cell in code(name) if tag in cell["metadata"].get("tags", ())]


def refresh():
    """The module that makes notebooks."""
    for package in ("jupytext", "nbclient", "ipykernel"):
        pytest.importorskip(package, reason="needs pip install -e '.[notebooks]'")
    from notebooks import refresh

    return refresh


def test_these_are_all():
    found = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert found == set(NAMES) == {p.stem for p in (ROOT / "notebooks").glob("*.py")} - {"refresh"}


@pytest.mark.parametrize("name", NAMES)
def test_stored_without_outputs(name):
    assert all(cell["execution_count"] is None for cell in code(name))
    with_outputs = [cell for cell in code(name) if cell["outputs"]]
    assert with_outputs == tagged("figure", name)
    text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.:/])/(home|root|tmp|usr|work|Users|content)\b", text)


FIGURES = {"results": ("image/png", b"\x89PNG"), "animate": ("image/gif", b"GIF89a")}


def test_small_figures_are_stored():
    assert {name for name in NAMES if tagged("figure", name)} == FIGURES.keys()
    for name, (kind, begin) in FIGURES.items():
        [cell] = tagged("figure", name)
        [output] = cell["outputs"]
        assert list(output["data"]) == [kind]
        picture = base64.b64decode(output["data"][kind])
        assert picture.startswith(begin) and 5_000 < len(picture) < MOST[kind]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_and_its_script_are_the_same(name):
    module = refresh()
    made = module.made(ROOT / "notebooks" / f"{name}.py")
    stored = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    again = json.loads(module.nbformat.writes(made))
    assert again == stored, "run python notebooks/refresh.py"


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_installs_checks_and_has_a_switch(name):
    [install] = tagged("install", name)
    assert install["source"] == tagged("install", "results")[0]["source"]
    sources = ["".join(cell["source"]) for cell in code(name)]
    assert sources[0] == "".join(install["source"])
    assert "\nFULL = False  # True: " in sources[1] and "\nnotebook.check(" in sources[1]
    assert any(re.search(r"\bFULL\b", source) for source in sources[2:])


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Runs the install cell in an empty folder, as if nothing of the project were there.

    Gives its variables and the commands that it ran.
    """
    [cell] = tagged("install", "results")
    commands, plain = [], metadata.version

    def version(name):
        if name == "ssagan_jax":
            raise metadata.PackageNotFoundError(name)
        return plain(name)

    def started(command, check=False):
        commands.append(command)
        if command[0] == "git":
            (tmp_path / "ssagan" / "ssagan_jax").mkdir(parents=True)
            (tmp_path / "ssagan" / "ssagan_jax" / "__init__.py").touch()
        return subprocess.CompletedProcess(command, status)

    def go(*, address="", pip=0, installed=False):
        nonlocal status
        status = pip
        if not installed:
            monkeypatch.setattr(metadata, "version", version)
        source = "".join(cell["source"]).replace('REPOSITORY = ""', f'REPOSITORY = "{address}"')
        exec(compile(source, "install", "exec"), {})
        return commands

    status = 0
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(subprocess, "run", started)
    return go


def test_installed_already(install, capsys):
    metadata.version("ssagan_jax")
    assert install(installed=True) == []
    assert capsys.readouterr().out.endswith(", installed\n")


def test_from_an_address(install, tmp_path):
    git, pip = install(address="https://example.org/x.git")
    assert git[:2] == ["git", "clone"] and git[-2:] == ["https://example.org/x.git", "ssagan"]
    assert git[3].startswith("--branch=v")
    assert pip[:5] == [sys.executable, "-m", "pip", "install", "-q"]
    assert pip[-1] == f"--editable={tmp_path / 'ssagan'}"
    assert sys.path[0] == str(tmp_path / "ssagan")


def test_jax_stays_as_it_is(install):
    _, pip = install(address="https://example.org/x.git")
    [file] = [option.partition("=")[2] for option in pip if option.startswith("--constraint=")]
    kept = dict(line.split("==") for line in Path(file).read_text().splitlines())
    for name in ("jax", "jaxlib", "numpy"):
        assert kept[name] == metadata.version(name)
    assert not {"jaxtyping", "flax"} & kept.keys()


def test_from_a_clone(install, tmp_path):
    (tmp_path / "ssagan_jax").mkdir()
    (tmp_path / "ssagan_jax" / "__init__.py").touch()
    [pip] = install()
    assert pip[-1] == f"--editable={tmp_path}" and sys.path[0] == str(tmp_path)


def test_install_stops_with_advice(install, monkeypatch, tmp_path):
    with pytest.raises(RuntimeError, match=r"no public address yet\. Clone or upload the project"):
        install()
    with pytest.raises(RuntimeError, match=r"fits jax .* here .*Runtime > Restart session"):
        install(address="https://example.org/x.git", pip=1)
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    with pytest.raises(RuntimeError, match=r"too old: 3\.11 or later is needed"):
        install()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_runs(name, tmp_path, monkeypatch):
    """From start to end, against this checkout, with a few steps of training."""
    module = refresh()
    monkeypatch.setenv("SSAGAN_NOTEBOOK_STEPS", "4")
    book = module.run(module.made(ROOT / "notebooks" / f"{name}.py"), tmp_path)
    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    kinds = {kind for output in outputs for kind in output.get("data", ())}
    assert "image/png" in kinds
    assert "text/html" in kinds  # clips, or tables
    shown = "".join(output["data"].get("text/html", "") for output in outputs if "data" in output)
    assert ("muted loop playsinline" in shown) == (name != "results")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]
