"""What stops a run before it starts; the whole is tested in test_end_to_end."""

from functools import partial

import jax
import numpy as np
import pytest
from jax.sharding import Mesh

from ssagan_jax.config import loading
from ssagan_jax.distributed import sharding
from ssagan_jax.training import compilation, loop
from ssagan_jax.training.state import create
from tests.helpers.stubs import make_gan

TWO = Mesh(np.asarray(jax.devices()[:1] * 2), ("data",))  # one device twice: nothing runs


def test_parts_that_a_device_cannot_make_stop_a_run_before_it_starts(monkeypatch, tmp_path):
    """Of eight clips, each of two devices has four."""
    monkeypatch.setattr(sharding, "make_mesh", lambda axes: TWO)
    settings = loading.load("configs/ssagan.py:tiny", ["--config.micro_batches=8"])
    with pytest.raises(ValueError, match=r"batch_size 8 cannot be .* in 8 parts .* multiple of 16"):
        loop.train(settings, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_nor_are_steps_compiled_for_them():
    gan = make_gan(micro_batches=8)
    abstract = jax.eval_shape(partial(create, gan), 0)
    with pytest.raises(ValueError, match=r"batch_size 8 cannot be .* in 8 parts .* multiple of 16"):
        compilation.compile_steps(gan, TWO, abstract, abstract, batch_size=8)


def test_before_the_first_checkpoint_a_workdir_is_claimed_anew(monkeypatch, tmp_path):
    """The run itself is left out; with a checkpoint it is not even opened."""
    opened = []

    class NoRun:
        def __init__(self, config, *_):
            opened.append(config.schedule.batch_size)
            raise KeyError("no run")

    monkeypatch.setattr(loop, "Run", NoRun)
    for batch_size in (8, 4):
        settings = loading.load("configs/ssagan.py:tiny", [f"--config.batch_size={batch_size}"])
        with pytest.raises(KeyError, match="no run"):
            loop.train(settings, tmp_path)
    assert opened == [8, 4]
    (tmp_path / "checkpoints" / "1").mkdir(parents=True)
    settings = loading.load("configs/ssagan.py:tiny", ["--config.batch_size=2"])
    with pytest.raises(ValueError, match="batch_size: 4 there, 2 asked"):
        loop.train(settings, tmp_path)
