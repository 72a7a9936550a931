"""One device and two, four or eight (fake) ones give the same state, however it is split."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """{run/name: array}, from a process that sees eight devices."""
    return see(tmp_path_factory.mktemp("devices") / "runs.npz")


def see(path, *arguments):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # only values matter
    }
    command = [sys.executable, str(ROOT / "tests" / "devices.py"), str(path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return dict(np.load(path))


def of(runs, run, kind="state"):
    prefix = f"{run}/{kind}/"
    found = {name.removeprefix(prefix): x for name, x in runs.items() if name.startswith(prefix)}
    assert found
    return found


def differences(one, other):
    assert one.keys() == other.keys()
    return {name: np.abs(one[name].astype(float) - other[name]).max() for name in one}


def test_gradient_descent_agrees_to_a_millionth(runs):
    one, eight = of(runs, "sgd/one"), of(runs, "sgd/eight")
    assert one["step"] == eight["step"] == 3
    found = differences(one, eight)
    assert max(found.values()) < 1e-6, found


@pytest.mark.slow
@pytest.mark.parametrize("attention", ["shared", "spatiotemporal"])
def test_every_kind_of_attention_agrees(tmp_path, attention):
    """``per_frame`` is what ``runs`` has."""
    runs = see(tmp_path / "runs.npz", attention)
    found = differences(of(runs, "sgd/one"), of(runs, "sgd/eight"))
    assert max(found.values()) < 1e-6, found


@pytest.mark.parametrize("count", [2, 4, 8])
def test_any_number_of_devices_agrees(runs, count):
    found = differences(of(runs, "stub/1"), of(runs, f"stub/{count}"))
    assert max(found.values()) < 1e-6, found


def test_large_arrays_are_split_over_fsdp(runs):
    whole, shards = of(runs, "sgd/eight"), of(runs, "sgd/eight", "shard")
    parts = {name: whole[name].size // np.prod(shards[name]) for name in whole}
    split = [name for name, count in parts.items() if count == 4]
    assert set(parts.values()) == {1, 4}
    assert any("/kernel" in name for name in split)
    assert all(whole[name].size >= 2**8 for name in split)


def test_adam_agrees_to_a_hundredth_of_its_rate(runs):
    """Adam divides by the gradient's size, so where that is small the rounding shows."""
    found = differences(of(runs, "adam/one"), of(runs, "adam/four_by_two"))
    parameters = [value for name, value in found.items() if "/params/" in name]
    assert max(parameters) < 0.01 * 2e-4


@pytest.mark.parametrize("run", ["sgd/eight", "adam/four_by_two"])
def test_losses_are_of_the_whole_batch(runs, run):
    one, many = of(runs, f"{run.partition('/')[0]}/one", "metrics"), of(runs, run, "metrics")
    assert {"d/vanilla", "g/vanilla"} <= one.keys()
    for name in one:
        np.testing.assert_allclose(many[name], one[name], rtol=1e-4)


def test_training_went_somewhere(runs):
    """Or agreeing would be easy."""
    after = of(runs, "sgd/one")
    moved = [after[f"{role}/params/output/kernel"].std() for role in ("generator", "discriminator")]
    assert all(0.0205 < spread < 1 for spread in moved), moved  # from 0.02
    stub = of(runs, "stub/1")["generator/params/dense/kernel"].std()
    assert 0.0205 < stub < 1, stub


def test_rules_split_parameters_and_optimizer_state(runs):
    whole, shards = of(runs, "adam/four_by_two"), of(runs, "adam/four_by_two", "shard")
    assert whole["generator/params/dense/kernel"].shape == (3, 6)
    for tree in ("params", "opt_state/mu", "opt_state/nu"):
        assert tuple(shards[f"generator/{tree}/dense/kernel"]) == (3, 3)
    assert tuple(shards["generator/params/norm/scale"]) == (6,)  # no rule names it
    assert tuple(shards["discriminator/params/output/kernel"]) == (4, 1)  # 1 cannot be halved
