"""Whose workdir it is, and what is said about it at the end."""

import json
import re
from types import SimpleNamespace

import pytest

import ssagan_jax
from ssagan_jax import config
from ssagan_jax.train.workdirs import FREE, claim, resolve, summary


@pytest.fixture
def settings():
    return resolve(config.load("configs/ssagan.py:tiny"))


def test_resolved_is_what_json_has():
    settings = resolve(config.load("configs/ssagan.py:recipe=author"))
    assert settings["optimizer"]["boundaries"] == [99495, 121605]
    assert settings == json.loads(json.dumps(settings))


def test_a_new_workdir_is_made_and_holds_config_and_version(tmp_path, settings):
    claim(tmp_path / "runs" / "first", settings)
    text = (tmp_path / "runs" / "first" / "config.json").read_text(encoding="utf-8")
    assert json.loads(text) == {**settings, "code_version": ssagan_jax.__version__}
    assert [p.name for p in (tmp_path / "runs" / "first").iterdir()] == ["config.json"]


def test_the_same_configuration_may_go_on(tmp_path, settings):
    claim(tmp_path, settings)
    claim(tmp_path, settings)


def test_a_newer_version_of_the_code_may_go_on(tmp_path, settings, monkeypatch):
    claim(tmp_path, settings)
    monkeypatch.setattr(ssagan_jax, "__version__", "99")
    claim(tmp_path, settings)
    assert json.loads((tmp_path / "config.json").read_text())["code_version"] == "99"


@pytest.mark.parametrize("key", FREE)
def test_free_keys_may_change_and_are_stored(tmp_path, settings, key):
    claim(tmp_path, settings)
    changed = {**settings, key: ["other"]}
    claim(tmp_path, changed)
    assert json.loads((tmp_path / "config.json").read_text())[key] == ["other"]


def test_free_keys_are_keys_of_a_config(settings):
    assert set(FREE) <= settings.keys()


def test_another_configuration_is_refused_with_the_keys_that_differ(tmp_path, settings):
    claim(tmp_path, settings)
    before = (tmp_path / "config.json").read_bytes()
    other = {**settings, "batch_size": 2, "num_steps": 99}
    other["generator_losses"] = {"vanilla": 1.0, "ssim": 1.0}
    with pytest.raises(ValueError, match="holds a run with another configuration") as error:
        claim(tmp_path, other)
    assert str(error.value).splitlines() == [
        f"{tmp_path} holds a run with another configuration:",
        "  batch_size: 8 there, 2 asked",
        "  generator_losses.l1: 10.0 there, 'absent' asked",
        "  generator_losses.ssim: 'absent' there, 1.0 asked",
        "Choose another --workdir, or pass --allow_config_change to go on with the new one.",
    ]
    assert (tmp_path / "config.json").read_bytes() == before


def test_unless_a_change_is_allowed(tmp_path, settings):
    claim(tmp_path, settings)
    claim(tmp_path, {**settings, "batch_size": 2}, allow_change=True)
    assert json.loads((tmp_path / "config.json").read_text())["batch_size"] == 2


@pytest.mark.parametrize("workdir", ["file", "file/run"])
def test_a_workdir_that_cannot_be_written(tmp_path, settings, workdir):
    (tmp_path / "file").write_text("not a folder")
    path = tmp_path / workdir
    message = rf"Cannot write to --workdir={re.escape(str(path))}: .*\. Choose another\."
    with pytest.raises(OSError, match=message):
        claim(path, settings)


def test_summary_says_where_everything_is_and_what_to_type_next(tmp_path):
    (tmp_path / "samples").mkdir()
    for step in (5, 10):
        (tmp_path / "samples" / f"step_{step:07d}.png").touch()
    text = summary(tmp_path, SimpleNamespace(latest=10, best=5))
    for part in (
        f"{tmp_path}/results.json",
        f"{tmp_path}/losses.png",
        f"{tmp_path}/samples/step_0000010.mp4 .gif .png",
        f"{tmp_path}/metrics.jsonl, {tmp_path}/tensorboard",
        f"{tmp_path}/checkpoints (latest 10, best 5)",
        f"ssagan generate PHOTO.jpg -o sky.mp4 --workdir={tmp_path}",
        f"ssagan evaluate --workdir={tmp_path}",
        f"tensorboard --logdir={tmp_path}",
    ):
        assert part in text
