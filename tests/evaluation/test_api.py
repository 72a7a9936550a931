"""The two entry points, with what they open replaced."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from ssagan_jax.evaluation import api, winds
from ssagan_jax.evaluation.best_of_k import score_best_of_k
from ssagan_jax.evaluation.results import read_results
from ssagan_jax.evaluation.results_table import format_draws
from ssagan_jax.evaluation.wind_prior import format_prior
from tests.helpers import windy_model
from tests.helpers.noisy_model import BATCH, Source, animate

DATASET = {"name": "synthetic", "data_dir": "", "size": 32, "frames": 8}


def open_run(monkeypatch, model, source=Source):
    config = {"seed": 0, "dataset": DATASET, "eval_batch_size": BATCH}
    info = {"path": "run", "hash": "abc", "step": "4"}
    monkeypatch.setattr(api, "load_generator", lambda path: (None, {}, info))
    monkeypatch.setattr(api, "read_config", lambda folder: config)
    monkeypatch.setattr(api, "build_animator", lambda *_, **__: model)
    asked = []
    monkeypatch.setattr(api, "open_split", lambda *_, **hints: asked.append(hints) or source())
    return asked


def test_evaluate_checkpoint_refuses_draws_without_noise(monkeypatch):
    open_run(monkeypatch, SimpleNamespace(draws_noise=False))
    with pytest.raises(ValueError, match=r"--draws=8 is of models with noise, and run has none"):
        api.evaluate_checkpoint("run", draws=8)


@pytest.mark.parametrize("count", [1, 3])
def test_evaluate_checkpoint(monkeypatch, capsys, tmp_path, count):
    open_run(monkeypatch, animate)
    output = tmp_path / "results.json"
    api.evaluate_checkpoint("run", draws=count, output=str(output))
    stored, printed = read_results(output), capsys.readouterr().out
    if count == 1:
        assert "draws" not in stored and "draws" not in stored["protocol"]
        assert "best of" not in printed
    else:
        assert stored["protocol"]["draws"] == count
        assert stored["draws"] == score_best_of_k(animate, Source(), batch_size=BATCH, k=count)
        assert format_draws(stored) in printed


def test_a_model_with_wind_is_scored_in_every_wind(monkeypatch, capsys, tmp_path):
    asked = open_run(monkeypatch, windy_model.animate, windy_model.WindySource)
    found = api.evaluate_checkpoint("run", draws=2, output=str(tmp_path / "results.json"))
    assert asked == [{"wind": True, "mask": False}]
    assert found["protocol"]["winds"] == list(winds.KINDS)
    assert list(found["rows"]) == [*winds.KINDS, "still"]
    assert found["draws"]["count"] == 2
    printed = capsys.readouterr().out
    assert found["wind_prior"]["covered"].keys() == {"0.5", "0.9"}
    assert format_prior(found["wind_prior"]) in printed
    assert "wind given (from the true clip)" in printed and "2 winds drawn: mean" in printed


def test_others_are_not_asked_for_the_wind_or_masks(monkeypatch, tmp_path):
    asked = open_run(monkeypatch, animate)
    found = api.evaluate_checkpoint("run", output=str(tmp_path / "results.json"))
    assert asked == [{"wind": False, "mask": False}]
    assert "winds" not in found["protocol"] and list(found["rows"]) == ["prediction", "still"]


def test_evaluate_checkpoint_refuses_no_draws_before_it_loads_anything():
    with pytest.raises(ValueError, match="from 1 on, not -1"):
        api.evaluate_checkpoint("no such run", draws=-1)


def test_scored_anew_a_run_keeps_its_metrics_and_its_number_of_clips(monkeypatch, tmp_path):
    config = {"seed": 0, "dataset": DATASET}
    config |= {"eval_batch_size": 2, "eval_clips": 3, "metrics": ["kvd"]}
    before = {"protocol": {"perceptual": {"lpips_alex": {}}}, "rows": {}}
    (tmp_path / "results.json").write_text(json.dumps(before))
    asked = {}
    for name, function in {
        "load_generator": lambda path: (None, {}, {"path": "run", "hash": "abc", "step": "3"}),
        "read_config": lambda folder: config,
        "open_split": lambda *_, **hints: [1] * 9,
        "Take": lambda source, count: asked.update(clips=count) or source,
        "_save": lambda found, path: {},
        "find_home": lambda path: tmp_path,
    }.items():
        monkeypatch.setattr(api, name, function)
    monkeypatch.setattr(api, "build_animator", lambda *_, **__: None)
    monkeypatch.setattr(
        api.scoring, "score_animator", lambda *_, metrics, **__: asked.update(m=metrics)
    )
    api.evaluate_checkpoint("run")
    assert asked == {"clips": 3, "m": ("kvd", "lpips_alex")}
    (tmp_path / "results.json").write_text("{")  # damaged: replaced
    api.evaluate_checkpoint("run", clips=0)
    assert asked == {"clips": 0, "m": ("kvd",)}
    api.evaluate_checkpoint("run", dataset="sky")
    assert asked["clips"] == 0


def test_evaluate_files(tmp_path, capsys):
    clips = np.random.default_rng(0).integers(0, 256, (2, 3, 12, 12, 3), dtype=np.uint8)
    for name in ("ours", "real"):
        np.savez(tmp_path / f"{name}.npz", clips=clips)
    found = api.evaluate_files(str(tmp_path / "ours.npz"), str(tmp_path / "real.npz"))
    assert read_results(tmp_path / "results.json") == found
    assert found["rows"]["prediction"]["author"]["mse"] == 0
    assert (tmp_path / "results.png").stat().st_size > 1000
    printed = capsys.readouterr().out
    assert printed.startswith("author") and f"Written: {tmp_path}/results.json" in printed


def test_results_of_a_model_on_the_hub_need_a_place():
    with pytest.raises(ValueError, match=r"no folder to write into\. Say where: --output=FILE"):
        api.evaluate_checkpoint("hf://org/sky")


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("folder.json", OSError, r"folder\.json is a folder"),
        ("mine.png", ValueError, r"expected --output=FILE\.json, not .*mine\.png"),
    ],
)
def test_an_output_is_refused_before_anything_is_scored(monkeypatch, tmp_path, name, kind, text):
    (tmp_path / "folder.json").mkdir()
    output = str(tmp_path / name)
    open_run(monkeypatch, animate)
    for module in ("score_animator", "score_files"):
        monkeypatch.setattr(api.scoring, module, None)
    with pytest.raises(kind, match=text):
        api.evaluate_checkpoint("run", output=output)
    with pytest.raises(kind, match=text):
        api.evaluate_files("ours", "real", output=output)


def test_predictions_that_are_not_there_leave_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="ours"):
        api.evaluate_files(str(tmp_path / "typo" / "ours.npz"), str(tmp_path / "real.npz"))
    assert list(tmp_path.iterdir()) == []
