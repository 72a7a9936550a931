"""A run's own arithmetic; the whole is tested in test_end_to_end."""

from types import SimpleNamespace

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.training import samples
from ssagan_jax.training.clips import open_data
from ssagan_jax.training.run import Run


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
    run.data = open_data(run.config)
    run.writers = SimpleNamespace(scalars=lambda step, values: logged.update(values))
    assert run.evaluate(3, {}) == 20
    assert asked == [("fvd", "kvd")]
    assert logged == {"eval/author_psnr_clip": 20, "eval/perceptual_fvd": 300}
