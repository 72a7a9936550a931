"""The loop's own arithmetic and its refusals; the whole is tested in test_end_to_end."""

from functools import partial
from types import SimpleNamespace

import jax
import numpy as np
import pytest
from jax.sharding import Mesh

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.distributed import sharding
from ssagan_jax.training import compilation, loop, samples
from ssagan_jax.training.loop import Run
from ssagan_jax.training.state import create
from tests.helpers.stubs import drawn_state, make_gan


def test_non_finite_values_stop_the_run_naming_step_term_and_checkpoint(tmp_path):
    run = Run.__new__(Run)
    run.workdir = tmp_path
    run.checkpoints = SimpleNamespace(wait=lambda: None, latest=40)
    run.pending = [(41, {"g/l1": np.float32(1)}), (42, {"g/l1": np.float32("nan"), "d/total": 1.0})]
    with pytest.raises(FloatingPointError, match=r"Step 42: g/l1 is not finite.*checkpoints/40"):
        run.log(42, drawn_state(make_gan()))


def test_metrics_of_the_config_are_scored_and_logged(tmp_path, monkeypatch):
    asked, logged = [], {}

    def score_animator(animate, source, *, metrics, **_):
        asked.append(metrics)
        scores = {"author": {"psnr_clip": 20.0}, "standard": {}, "motion": {}}
        return {"rows": {"prediction": scores | {"perceptual": {"fvd": 300.0, "kvd": None}}}}

    monkeypatch.setattr(samples, "score_animator", score_animator)
    monkeypatch.setattr(samples, "Take", lambda source, count: [1])
    monkeypatch.setattr(samples, "build_animator", lambda network, variables: None)
    monkeypatch.setattr(samples, "save_results", lambda *_: None)
    run = Run.__new__(Run)
    run.workdir = tmp_path
    settings = loading.load("configs/ssagan.py:tiny", ["--config.metrics=('fvd', 'kvd')"])
    run.config = resolve(settings)
    run.data = loop.open_data(run.config)
    run.writers = SimpleNamespace(scalars=lambda step, values: logged.update(values))
    assert run.evaluate(3, {}) == 20
    assert asked == [("fvd", "kvd")]
    assert logged == {"eval/author_psnr_clip": 20, "eval/perceptual_fvd": 300}


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
