"""What joins the clips of a batch does so when devices share it: by values and by gradients."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
CASES = ("norm", "folded_norm", "ssim", "penalty")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """{case/way/what: array}, from a process that sees four devices."""
    path = tmp_path_factory.mktemp("across") / "found.npz"
    flags = "--xla_force_host_platform_device_count=4"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XLA_FLAGS": flags}
    environment["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"  # only values matter
    command = [sys.executable, str(ROOT / "tests" / "helpers" / "data_parallel.py"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return dict(np.load(path))


def errors(found, case, way):
    """The largest difference of each array from that of the whole batch, relative to its size."""
    prefix = f"{case}/whole/"
    names = [name.removeprefix(prefix) for name in found if name.startswith(prefix)]
    pairs = {name: (found[prefix + name], found[f"{case}/{way}/{name}"]) for name in names}
    assert any(name.startswith("grads/") for name in pairs)
    return {
        name: np.abs(whole - other).max() / max(np.abs(whole).max(), 1e-3)
        for name, (whole, other) in pairs.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_devices_that_share_a_batch_find_what_one_finds(found, case):
    assert max(errors(found, case, "shared").values()) < 1e-5


@pytest.mark.parametrize("case", CASES)
def test_devices_that_do_not_find_something_else(found, case):
    """Or the above would hold without collectives."""
    apart = errors(found, case, "apart")
    assert apart["value"] > 1e-2
    assert apart["grads/kernel"] > 1e-2
    assert apart.get("left/batch_stats/var", 1) > 1e-3


def test_every_clip_has_the_noise_that_it_has_on_one_device(found):
    whole = found["tgan/whole"]
    np.testing.assert_allclose(found["tgan/shared"], whole, atol=1e-5)
    assert np.abs(whole[:-1] - whole[1:]).max((1, 2, 3, 4)).min() > 0.1


def test_the_functions(found):
    def of(name):
        return found[f"functions/{name}"].tolist()

    assert of("axis_size") == [4] * 4
    assert of("pmean") == of("at_once/a") == [2.375] * 4
    assert of("at_once/b") == [-2.375] * 4
    assert of("pmin") == [1] * 4
    assert of("local_rows") == list(range(8))  # in the order that batches are split in
