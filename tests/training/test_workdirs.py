"""Whose workdir it is, and what is said about it at the end."""

import json
import re

import pytest

import ssagan_jax
from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.training import workdirs
from ssagan_jax.training.workdirs import (
    MUTABLE_KEYS,
    check_data,
    check_workdir,
    claim_workdir,
    note_data,
    summarise_workdir,
)


@pytest.fixture
def settings():
    return resolve(loading.load("configs/ssagan.py:tiny")).to_json()


def test_a_new_workdir_is_made_and_holds_config_and_version(tmp_path, settings):
    claim_workdir(tmp_path / "runs" / "first", settings)
    text = (tmp_path / "runs" / "first" / "config.json").read_text(encoding="utf-8")
    assert json.loads(text) == {**settings, "code_version": ssagan_jax.__version__}
    assert [p.name for p in (tmp_path / "runs" / "first").iterdir()] == ["config.json"]


def test_the_same_configuration_may_go_on(tmp_path, settings):
    claim_workdir(tmp_path, settings)
    check_workdir(tmp_path, settings)


def test_a_run_does_not_go_on_with_other_data(tmp_path):
    there = {"train clips": 5, "train contents": "abc"}
    check_data(tmp_path, there)  # of an earlier version, which noted nothing
    note_data(tmp_path, there)
    check_data(tmp_path, dict(there))
    with pytest.raises(ValueError, match=r"other data:\n  train clips: 5 there, 2 now\nRead the"):
        check_data(tmp_path, {**there, "train clips": 2})


def test_a_newer_version_of_the_code_may_go_on(tmp_path, settings, monkeypatch):
    claim_workdir(tmp_path, settings)
    monkeypatch.setattr(ssagan_jax, "__version__", "99")
    check_workdir(tmp_path, settings)
    claim_workdir(tmp_path, settings)
    assert json.loads((tmp_path / "config.json").read_text())["code_version"] == "99"


@pytest.mark.parametrize("key", MUTABLE_KEYS)
def test_mutable_keys_of_a_config_may_change(tmp_path, settings, key):
    claim_workdir(tmp_path, settings)
    *groups, name = key.split(".")
    changed = json.loads(json.dumps(settings))
    holder = changed
    for group in groups:
        holder = holder[group]
    assert name in holder
    holder[name] = ["other"]
    check_workdir(tmp_path, changed)


def test_a_run_of_an_earlier_version_may_go_on_as_it_was(tmp_path, settings):
    earlier = {k: v for k, v in settings.items() if k not in ("precision", "micro_batches")}
    claim_workdir(tmp_path, earlier)
    check_workdir(tmp_path, settings)
    with pytest.raises(ValueError, match="precision: 'float32' there, 'bfloat16' asked"):
        check_workdir(tmp_path, {**settings, "precision": "bfloat16"})


def test_another_configuration_is_refused_with_the_keys_that_differ(tmp_path, settings):
    claim_workdir(tmp_path, settings)
    before = (tmp_path / "config.json").read_bytes()
    other = {**settings, "batch_size": 2, "num_steps": 99}
    other["generator_losses"] = {"vanilla": 1.0, "ssim": 1.0}
    with pytest.raises(ValueError, match="holds a run with another configuration") as error:
        check_workdir(tmp_path, other)
    assert str(error.value).splitlines() == [
        f"{tmp_path} holds a run with another configuration:",
        "  batch_size: 8 there, 2 asked",
        "  generator_losses.l1: 10.0 there, 'absent' asked",
        "  generator_losses.ssim: 'absent' there, 1.0 asked",
        "Choose another --workdir, or pass --allow-config-change to go on with the new one.",
    ]
    assert (tmp_path / "config.json").read_bytes() == before


def test_options_that_are_newer_than_the_run_are_said_and_no_difference(tmp_path, settings, capsys):
    older = {key: value for key, value in settings.items() if key not in ("start_from", "metrics")}
    older["generator"] = {k: v for k, v in settings["generator"].items() if k != "skip_levels"}
    claim_workdir(tmp_path, older)
    check_workdir(tmp_path, settings)
    options = "generator.skip_levels=None, start_from.discriminator='', start_from.generator='', "
    assert capsys.readouterr().out == (
        f"Options that are newer than the run in {tmp_path}: {options}start_from.untrained=True.\n"
    )
    with pytest.raises(
        ValueError, match="another configuration:\n  seed: 0 there, 1 asked\nChoose"
    ):
        check_workdir(tmp_path, {**settings, "seed": 1})


def test_an_option_of_an_earlier_version_is_a_difference(tmp_path, settings):
    claim_workdir(tmp_path, {**settings, "gone": 3})
    with pytest.raises(ValueError, match=r"  gone: 3 there, 'absent' asked"):
        check_workdir(tmp_path, settings)


def test_claiming_stores_the_new_configuration(tmp_path, settings):
    claim_workdir(tmp_path, settings)
    claim_workdir(tmp_path, {**settings, "batch_size": 2})
    assert json.loads((tmp_path / "config.json").read_text())["batch_size"] == 2


@pytest.mark.parametrize("workdir", ["file", "file/run"])
def test_a_workdir_that_cannot_be_written(tmp_path, settings, workdir):
    (tmp_path / "file").write_text("not a folder")
    path = tmp_path / workdir
    message = rf"Cannot write to --workdir={re.escape(str(path))}: .*\. Choose another\."
    with pytest.raises(OSError, match=message):
        claim_workdir(path, settings)


def test_summary_says_where_everything_is_and_what_to_type_next(tmp_path):
    (tmp_path / "samples").mkdir()
    for step in (5, 10):
        (tmp_path / "samples" / f"step_{step:07d}.png").touch()
    text = summarise_workdir(tmp_path, latest=10, best=5)
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


def test_identity_has_every_key_and_the_code(tmp_path):
    found = workdirs.run_identity({"seed": 1, "generator": {"name": "x"}}, tmp_path)
    assert found["config.seed"] == 1
    assert found["config.generator.name"] == "x"
    assert found["workdir"] == str(tmp_path)
    assert "(sources " in found["ssagan_jax"]


def test_identity_follows_the_sources(tmp_path, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr(workdirs.ssagan_jax, "__file__", str(package / "__init__.py"))
    versions = []
    for text in ("a = 1", "a = 1", "a = 2"):
        (package / "module.py").write_text(text)
        versions.append(workdirs.run_identity({}, tmp_path)["ssagan_jax"])
    assert versions[0] == versions[1] != versions[2]


def test_a_workdir_that_this_machine_does_not_see(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"not the folder that process 0 writes to"):
        workdirs.check_shared_workdir(tmp_path)
    claim_workdir(tmp_path, {})
    workdirs.check_shared_workdir(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[1]", "\N{SNOWMAN}"])
def test_a_damaged_configuration_is_named(tmp_path, text):
    (tmp_path / "checkpoints" / "3").mkdir(parents=True)
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"config\.json is damaged: .* Pass --allow-config-change"):
        workdirs.check_workdir(tmp_path, {"seed": 0})
