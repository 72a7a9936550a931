"""The examples of CONTRIBUTING.md, each taken as a file of the folder that it says."""

import argparse
import re
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import data, losses, metrics, models
from ssagan_jax.config import registry
from ssagan_jax.config.loading import load
from ssagan_jax.data import sets
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.losses import LossInputs
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.types import Generated, Judged

PAGE = Path(__file__).parent.parent.parent / "CONTRIBUTING.md"


def example(heading, number=0):
    section = PAGE.read_text(encoding="utf-8").partition(f"\n### {heading}\n")[2]
    section = section.partition("\n### ")[0]
    return re.findall(r"```python\n(.*?)```", section, flags=re.S)[number]


@pytest.fixture
def add_module(monkeypatch, tmp_path):
    """A function that puts a module into a package of the project, for this test."""
    added = []

    def add(package, name, code):
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        added.append((package, name))

    yield add
    for package, name in added:
        sys.modules.pop(f"{package.__name__}.{name}", None)
        vars(package).pop(name, None)


def test_a_model(add_module, tmp_path):
    add_module(models, "mean", example("A model"))
    generator = models.generator("mean", size=32, frames=8, features=4)
    frame = jnp.zeros((2, 32, 32, 3))
    made, _ = generator.init_with_output(jax.random.key(0), frame, train=True)
    assert made.clip.shape == (2, 8, 32, 32, 3)
    (tmp_path / "recipe.py").write_text(example("A model", 1), encoding="utf-8")
    assert load(f"{tmp_path}/recipe.py:tiny").generator.name == "mean"


def test_a_loss(add_module):
    add_module(losses, "squares", example("A loss"))
    clip = jnp.ones((2, 8, 4, 4, 3))
    judged = Judged(logits=jnp.zeros((2, 1)), features=())
    fake, key = Generated(clip - 3), jax.random.key(0)
    inputs = LossInputs(clip, fake, None, judged, key, judge=lambda clip: judged)
    assert registry.tables(losses.__name__, "GENERATOR")["l2"](inputs) == 9


def test_a_metric(add_module):
    add_module(metrics, "worst", example("A metric"))
    reference = jnp.zeros((8, 4, 4, 3))
    prediction = reference.at[1, 2, 2, 0].set(0.5)
    score = registry.tables(metrics.__name__, "FRAME")["worst"]
    found = score(prediction, reference, convention=CONVENTIONS["standard"])
    np.testing.assert_allclose(found, [0, 0.25, *[0] * 6])
    assert registry.tables(metrics.__name__, "BETTER")["worst"] == "lower"


def test_a_data_set(add_module):
    add_module(sets, "grey", example("A data set"))
    source = data.source("grey", split="test", size=32, frames=8)
    assert isinstance(source, ClipSource)
    assert source[3]["clip"].shape == (8, 32, 32, 3) and source[-1]["video"] == "test-99"
    asked = {"dataset": "grey", "split": "test", "clips": 100, "frames": 8, "size": 32}
    assert asked.items() <= source.describe().items()


def test_a_command(capsys):
    command = {}
    exec(example("A command"), command)
    parser = argparse.ArgumentParser()
    command["add_arguments"](parser)
    command["run"](parser.parse_args(["--name=there"]), [])
    assert capsys.readouterr().out == "Hello, there.\n"
