"""Damage to checkpoints, and that no reader takes it for what was written: the drill, small."""

import json
import shutil
from collections import Counter

import numpy as np
import pytest

from benchmarks import checkpoint_drills as drills
from ssagan_jax.checkpoints import networks
from ssagan_jax.checkpoints.array_trees import digest


def read(workdir):
    """A reader of one network and its configuration, without a model."""
    item, options, _ = networks.load_network(workdir, "generator")
    return digest(item) + json.dumps(options)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A workdir with the steps 1 and 2 of a small network."""
    workdir = tmp_path_factory.mktemp("run")
    for step in (1, 2):
        variables = {"params": {"dense": {"kernel": np.random.default_rng(step).random(500)}}}
        config = {"generator": {"name": "ssagan", "features": step}}
        networks.save_network(workdir / str(step), "generator", variables, config=config)
        shutil.copytree(workdir / str(step) / "checkpoints" / "0", workdir / f"checkpoints/{step}")
    (workdir / "config.json").write_text("{}")
    return workdir


@pytest.fixture
def drill(run, tmp_path, monkeypatch):
    monkeypatch.setattr(drills, "READERS", {"generator": read})
    return lambda damages: drills.drill(run, damages, tmp_path / "copy")


def test_no_flip_is_silent(run, drill):
    flips = drills.flips(run / "checkpoints" / "2", 20)
    [found] = drill({"bit flipped": flips}).values()
    assert found.total() == 20 and found.keys() <= {"found", "harmless"}
    assert found["found"] > 8


def test_no_loss_is_silent(run, drill):
    damages = drills.losses(run / "checkpoints" / "2")
    for found in drill(damages).values():
        assert found.total() > 10 and found.keys() <= {"found", "harmless"}


def test_flips_are_the_same_each_time(run):
    folder = run / "checkpoints" / "2"
    one, other = (drills.flips(folder, 10) for _ in range(2))
    assert [way.args for way in one] == [way.args for way in other]
    assert len({way.args for way in one}) > 8


@pytest.mark.parametrize(
    ("reader", "outcome"),
    [
        (lambda workdir: "other", "silent"),
        (lambda workdir: "written", "harmless"),
        (lambda workdir: 1 // 0, "unexplained"),
    ],
)
def test_what_a_reader_may_do(reader, outcome, tmp_path):
    assert drills._outcome(reader, tmp_path, "written", "before") == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("x/checkpoints/2 is damaged", "refused"),
        ("x/checkpoints/2\nis damaged", "unexplained"),
        ("Expecting value", "unexplained"),
    ],
)
def test_an_error_is_one_line_that_names_the_checkpoint(text, outcome, tmp_path):
    def refuse(workdir):
        raise ValueError(text)

    assert drills._outcome(refuse, tmp_path, "written", "before") == outcome


def test_the_table():
    lines = list(drills.table({("cut", "training"): Counter(found=2, harmless=1)}))
    assert lines[0].startswith("| damage | reader | tried | found |")
    assert lines[2] == "| cut | training | 3 | 2 | 0 | 1 | 0 | 0 |"
