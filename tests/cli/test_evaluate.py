"""``ssagan evaluate``: what it scores, and by which metrics."""

import numpy as np
import pytest

from ssagan_jax.cli.main import main
from ssagan_jax.evaluation import api
from tests.helpers.commands import refused


def test_evaluate_needs_one_thing_to_score(capsys):
    assert "either --workdir=DIR or --predictions=P" in refused(capsys, "evaluate")
    assert "needs --reference=R" in refused(capsys, "evaluate", "--predictions=p.npz")
    files = ["--predictions=p.npz", "--reference=r.npz"]
    error = refused(capsys, "evaluate", "--workdir=run", files[1])
    assert "--reference=R goes with --predictions=P" in error


@pytest.mark.parametrize(
    "option", ["--draws=1", "--clips=4", "--split=train", "--data-dir=d", "--without-attention"]
)
def test_what_chooses_a_models_clips_is_refused_with_files(capsys, option):
    files = ["--predictions=p.npz", "--reference=r.npz"]
    error = refused(capsys, "evaluate", *files, option)
    assert f"{option.partition('=')[0]} is of a model, --workdir=DIR" in error


def test_evaluate_files_writes_results_beside_the_predictions(capsys, tmp_path):
    clips = np.random.default_rng(0).integers(0, 256, (2, 4, 16, 16, 3), np.uint8)
    for name in ("ours", "real"):
        np.savez(tmp_path / f"{name}.npz", clips=clips)
    options = [f"--predictions={tmp_path}/ours.npz", f"--reference={tmp_path}/real.npz"]
    assert main(["evaluate", *options]) == 0
    assert (tmp_path / "results.json").exists()
    assert "prediction" in capsys.readouterr().out


def test_evaluate_refuses_unknown_metrics(capsys, tmp_path):
    np.savez(tmp_path / "a.npz", clips=np.zeros((1, 2, 16, 16, 3), np.uint8))
    options = [f"--{name}={tmp_path}/a.npz" for name in ("predictions", "reference")]
    error = refused(capsys, "evaluate", *options, "--metrics=lpips")
    assert 'Unknown metric "lpips". Available: fvd, kvd, lpips_alex, lpips_vgg.' in error


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ("gs://b/data", "/ssd")),
        (["--cache="], ("gs://b/data", "")),
        (["--data-dir=here", "--cache=there"], ("here", "there")),
    ],
)
def test_evaluate_reads_clips_where_the_run_did_or_where_it_is_told(monkeypatch, options, expected):
    dataset = {"name": "sky", "data_dir": "gs://b/data", "cache": "/ssd", "size": 32, "frames": 8}
    config = {"seed": 0, "dataset": dataset, "eval_batch_size": 2}
    asked = []

    def open_split(dataset, *_, **__):
        asked.append((dataset.data_dir, dataset.cache))
        raise ValueError("enough")

    info = {"path": "run", "hash": "abc", "step": "3"}
    monkeypatch.setattr(api, "load_generator", lambda path: (None, {}, info))
    monkeypatch.setattr(api, "read_config", lambda folder: config)
    monkeypatch.setattr(api, "build_animator", lambda *_, **__: None)
    monkeypatch.setattr(api, "open_split", open_split)
    assert main(["evaluate", "--workdir=run", *options]) == 1
    assert asked == [expected]


@pytest.mark.parametrize(
    ("option", "config", "expected"),
    [
        ([], {"metrics": ["fvd"]}, ("fvd",)),
        ([], {}, ()),  # a run of an earlier version
        (["--metrics=kvd,lpips_alex"], {"metrics": ["fvd"]}, ("kvd", "lpips_alex")),
        (["--metrics="], {"metrics": ["fvd"]}, ()),
        (["--metrics=kvd, fvd"], {}, ("kvd", "fvd")),
    ],
)
def test_evaluate_takes_the_metrics_of_the_option_or_the_run(
    monkeypatch, tmp_path, option, config, expected
):
    dataset = {"name": "synthetic", "data_dir": "", "size": 32, "frames": 8}
    config = {"seed": 0, "dataset": dataset, "eval_batch_size": 2, **config}
    asked = []

    def score_animator(animate, source, *, metrics, **_):
        asked.append(metrics)

    replaced = {
        "load_generator": lambda path: (None, {}, {"path": "run", "hash": "abc", "step": "3"}),
        "read_config": lambda folder: config,
        "open_split": lambda *_, **__: [1, 2],
        "Take": lambda source, count: source,
        "_save": lambda found, path: {},
    }
    for name, function in replaced.items():
        monkeypatch.setattr(api, name, function)
    monkeypatch.setattr(api, "build_animator", lambda *_, **__: None)
    monkeypatch.setattr(api.scoring, "score_animator", score_animator)
    output = f"--output={tmp_path}/a.json"
    assert main(["evaluate", f"--workdir={tmp_path}", output, *option]) == 0
    assert asked == [expected]
