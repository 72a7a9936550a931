"""What ``from ssagan_jax import ...`` gives, and that it is light."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ssagan_jax
from tests.helpers.movers import mover, waves

ROOT = Path(__file__).parent.parent.parent


def test_the_import_is_light():
    command = [sys.executable, "-c", "import sys, ssagan_jax; print(*sys.modules)"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    modules = set(done.stdout.split())
    assert "ssagan_jax" in modules
    assert not {"jax", "flax", "numpy", "ml_collections"} & modules


def test_four_verbs():
    assert set(ssagan_jax.__all__) == {"train", "evaluate", "animate", "load_animator"}
    assert set(ssagan_jax.__all__) < set(dir(ssagan_jax))
    for name in ssagan_jax.__all__:
        function = getattr(ssagan_jax, name)
        assert "Args:" in inspect.getdoc(function)
        assert inspect.signature(function).return_annotation is not inspect.Signature.empty
    with pytest.raises(AttributeError, match="module 'ssagan_jax' has no attribute 'generate'"):
        ssagan_jax.generate  # noqa: B018


def test_evaluate_needs_a_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match="No checkpoint in"):
        ssagan_jax.evaluate(tmp_path, output=tmp_path / "results.json")


def test_animate():
    frames = ssagan_jax.animate(waves(48, 64), mover(), frames=3, loop=True)
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 3


def test_train_takes_the_file_of_a_configuration(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'No config file "configs/none\.py"'):
        ssagan_jax.train("configs/none.py", tmp_path / "run")
    with pytest.raises(ValueError, match='Unknown config argument "no"'):
        ssagan_jax.train(f"{ROOT}/configs/quickstart.py:no", tmp_path / "run")
    assert not (tmp_path / "run").exists()
