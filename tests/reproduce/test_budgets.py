"""How much training a row gets."""

import shlex

import pytest
from ml_collections import ConfigDict

from ssagan_jax.reproduce import budgets

CONFIG = ConfigDict({"num_steps": 1, "dataset": {"size": 64}, "generator": {"features": 1}})


def test_arguments_of_a_config_file():
    assert budgets.list_arguments("tiny", {"stage": 1}) == {"tiny": "true", "stage": 1}
    assert budgets.list_arguments("small", {}) == {"size": budgets.SMALL_SIZE}
    assert budgets.list_arguments("small", {"size": 128}) == {"size": 128}
    assert budgets.list_arguments("full", {"stage": 1}) == {"stage": 1}
    with pytest.raises(ValueError, match=r'Unknown budget "big"\. Known: tiny, small, full\.'):
        budgets.list_arguments("big", {})


def test_only_keys_that_a_config_has_are_set():
    found = budgets.list_overrides("small", CONFIG, {}, steps=7)
    assert found == ["--config.num_steps=7", "--config.generator.features=16"]
    assert budgets.list_overrides("full", CONFIG, {}) == []


@pytest.mark.parametrize(
    ("budget", "steps", "expected"), [("small", 0, 200), ("small", 7, 4), ("full", 0, 50)]
)
def test_a_row_may_be_shorter_than_the_others(budget, steps, expected):
    config = ConfigDict({"num_steps": 100})
    found = budgets.list_overrides(budget, config, {}, steps=steps, length=0.5)
    assert found == [f"--config.num_steps={expected}"]


def test_the_tiny_budget_halves_the_size_of_a_row():
    found = budgets.list_overrides("tiny", CONFIG, {"size": 64})
    assert found == ["--config.generator.features=8", "--config.dataset.size=32"]


@pytest.mark.parametrize(
    ("override", "fits"),
    [
        ("--config.num_steps=2", True),
        ("--config.dataset.size=2", True),
        ("--config.dataset=2", True),
        ("--config.dataset.flip=2", False),
        ("--config.num_steps.x=2", False),
        ("--config.generator_losses.ssim=2", True),
    ],
)
def test_whether_an_override_fits(override, fits):
    assert budgets.fits_config(override, CONFIG) == fits


def test_the_command_can_be_typed():
    spec = f"ssagan:{budgets.join_arguments({'stage': 1, 'size': 64})}"
    command = budgets.format_command(spec, ["--config.metrics=('fvd',)"], "my runs/x")
    assert shlex.split(command) == [
        "ssagan",
        "train",
        "--config=ssagan:stage=1,size=64",
        "--workdir=my runs/x",
        "--config.metrics=('fvd',)",
    ]
