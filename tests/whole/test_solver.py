"""Training is that of the authors' solver: losses and parameters, iteration by iteration.

``SSAGAN_GOLDENS`` names the folder of reference outputs; ``solver/`` in it has trajectories of
their unchanged code in float64.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("SSAGAN_GOLDENS")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER, reason="SSAGAN_GOLDENS does not name the folder of reference outputs"
    ),
]


# Stage II's second iteration adds to gradients that are never cleared: theirs alone.
@pytest.mark.parametrize(
    ("name", "iterations"), [("ssagan_stage1", 4), ("mdgan_stage1", 3), ("mdgan_stage2", 1)]
)
def test_a_trajectory(name, iterations):
    path = Path(FOLDER) / "solver" / f"{name}.npz"
    command = [sys.executable, "-m", "tests.helpers.solver", str(path), str(iterations)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert len(report) == iterations
    for entry in report:
        losses = entry.pop("losses")
        assert {"d/total", "d/gradient_penalty"} <= losses.keys()
        assert max(losses.values()) < 1e-7
        assert "discriminator" in entry and max(entry.values()) < 1e-6
    assert any("generator" in entry for entry in report)
