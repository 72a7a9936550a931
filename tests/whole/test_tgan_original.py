"""``tgan:recipe=original`` is trained as its authors' code trains it, update by update."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def run(recipe, updates):
    command = [sys.executable, "-m", "tests.helpers.tgan_original", recipe, str(updates)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert len(report) == updates
    return report


def test_six_updates_in_double_precision():
    """The fifth one ends with the discriminator's clipping, which the sixth one starts from."""
    report = run("original", 6)
    for entry in report:
        assert entry["losses"].keys() == {"g/total", "d/total"}
        assert max(entry["losses"].values()) < 1e-10
        assert max(entry["generator"], entry["discriminator"], entry["running"]) < 1e-9
    assert [entry["cut"] > 0 for entry in report] == [False] * 4 + [True, False]


def test_turns_are_another_training():
    (entry,) = run("turns", 1)
    assert entry["generator"] > 0.1
