"""Imports go downward only, and the light path stays light."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "ssagan_jax"

# From bottom to top. A module may import those of lower layers; a folder stands for its modules,
# which may import each other.
LAYERS = (
    {"types", "buckets"},
    {"ops"},
    {"layers", "losses", "metrics", "data"},
    {"models"},
    {"train.state", "train.launchers", "array_trees"},
    {"train.micro_batches", "communication"},
    {"train.step", "train.cluster", "build", "sharding", "flops", "photo_io", "contact_sheet"}
    | {"topologies"}
    | {"attention_sheet", "attention_maps", "html_page"},
    {"video_encoders", "masks"},
    {"video_io", "plots", "results", "saved_network", "train.compiled", "native_size"}
    | {"psnr_picture"},
    {"clip_files", "checkpoints", "bundled"},
    {"generate", "evaluate", "weights", "export"},
    {"draws", "motion"},
    {"animation"},
    {"generation_command"},
    {"train.writers", "train.workdirs", "train.samples", "train.start", "evaluation_command"}
    | {"train.progress", "train.signals"},
    {"train.loop", "config"},
    {"study", "doctor", "report", "demo"},
    {"reproduce"},
    {"cli_options"},
    {"cli"},
    {"notebook"},
)
# What a layer's place alone does not forbid: (importer, what it must not import).
FORBIDDEN = (
    ("losses", "models"),
    ("losses", "layers"),
    ("metrics", "models"),
    ("metrics", "layers"),
    ("data", "models"),
    ("data", "losses"),
    ("data", "train"),
    ("data", "layers"),
    ("models", "losses"),
    ("models", "metrics"),
    ("models", "data"),
    ("generate", "data"),
    ("checkpoints", "data"),
    ("saved_network", "data"),
    ("weights", "data"),
)


def unit(module):
    """The part of LAYERS that a module belongs to: ``data.sky`` -> ``data``."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "train" else parts[0]


def modules():
    """Every module by its name within the package, with its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield name.removesuffix(".__init__").removesuffix("__init__"), path


NAMES = {name for name, _ in modules()}


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
                yield name if name in NAMES else name.rpartition(".")[0]


EDGES = sorted({(name, target) for name, path in modules() for target in imports(path) if target})


def level(module):
    [found] = [number for number, layer in enumerate(LAYERS) if unit(module) in layer]
    return found


def test_every_module_has_one_place():
    units = {unit(name) for name in NAMES} - {"", "train"}
    assert units == set().union(*LAYERS)
    assert sum(map(len, LAYERS)) == len(units)


def test_the_edges_are_found():
    assert ("train.step", "losses") in EDGES
    assert ("losses.content", "ops.window") in EDGES
    assert ("generate", "saved_network") in EDGES  # within a function
    assert ("cli", "train.loop") in EDGES


def test_imports_go_downward():
    upward = [
        f"{importer} imports {imported}"
        for importer, imported in EDGES
        if unit(importer) != unit(imported) and level(importer) <= level(imported)
    ]
    assert not upward


@pytest.mark.parametrize(("importer", "imported"), FORBIDDEN)
def test_forbidden(importer, imported):
    """Not even by way of another module."""
    reached, new = set(), {name for name in NAMES if unit(name) == importer}
    assert new
    while new:
        reached |= new
        new = {target for source, target in EDGES if source in reached} - reached
    assert not {name for name in reached if name.partition(".")[0] == imported}


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
