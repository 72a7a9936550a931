"""``ssagan export``: what it refuses, and the card."""

import hashlib
import json

import pytest

from ssagan_jax.checkpoints import networks
from ssagan_jax.cli import main
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.export import export
from tests.helpers.exported import FRAMES, SIZE, config, save


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return save(tmp_path_factory.mktemp("run"), "rnngan")


def refused(capsys, workdir, output, *options) -> str:
    """The error line of a command that must fail."""
    command = ["export", f"--workdir={workdir}", "-o", str(output), *options]
    assert main.main(command) == 1
    error = capsys.readouterr().err
    assert error.startswith("ssagan: ") and error.count("\n") == 1
    return error


def test_the_command_and_its_card(trained, tmp_path, capsys):
    output = tmp_path / "new" / "sky.stablehlo"
    command = ["export", f"--workdir={trained}", "--format=stablehlo", f"--output={output}"]
    assert main.main([*command, "--batch=2"]) == 0
    assert capsys.readouterr().out.split() == [str(output), f"{output}.json"]
    assert sorted(path.name for path in output.parent.iterdir()) == [
        "sky.stablehlo",
        "sky.stablehlo.json",
    ]
    card = json.loads(output.with_name("sky.stablehlo.json").read_text())
    assert (card["model"], card["size"], card["frames"]) == ("rnngan", SIZE, FRAMES)
    assert card["output"]["shape"] == [2, FRAMES, SIZE, SIZE, 3]
    assert card["input"]["range"] == card["output"]["range"] == [-1, 1]
    _, _, info = networks.load_generator(trained)
    assert card["checkpoint"] == {"step": "0", "sha256": info["hash"]}
    content = output.read_bytes()
    assert card["sha256"] == {"sky.stablehlo": hashlib.sha256(content).hexdigest()}
    assert card["bytes"] == len(content)
    assert main.main([*command, "--batch=1", "--overwrite"]) == 0
    card = json.loads(output.with_name("sky.stablehlo.json").read_text())
    assert card["input"]["shape"] == [1, SIZE, SIZE, 3]


def test_an_unknown_format(capsys, trained, tmp_path):
    error = refused(capsys, trained, tmp_path / "sky", "--format=pt")
    assert 'Unknown export format "pt". Known: stablehlo, onnx, savedmodel, safetensors.' in error


@pytest.mark.parametrize("batch", ["0", "-1", "all", "1.5"])
def test_a_batch_of_no_photos(capsys, trained, tmp_path, batch):
    error = refused(capsys, trained, tmp_path / "sky", "--format=stablehlo", f"--batch={batch}")
    assert f'1 or more, or "symbolic" for any, not "{batch}".' in error


def test_an_output_that_exists(capsys, trained, tmp_path):
    (tmp_path / "sky.stablehlo").write_text("mine")
    error = refused(capsys, trained, tmp_path / "sky.stablehlo", "--format=stablehlo")
    assert "sky.stablehlo exists. Choose another name, or replace it with --overwrite." in error
    assert (tmp_path / "sky.stablehlo").read_text() == "mine"


def test_a_file_in_the_cards_place(trained, tmp_path):
    (tmp_path / "sky.json").write_text("mine")
    with pytest.raises(FileExistsError, match=r"sky\.json exists\. Choose another name"):
        export(trained, tmp_path / "sky", format="stablehlo")
    assert (tmp_path / "sky.json").read_text() == "mine"


def test_a_folder_is_not_overwritten(capsys, trained, tmp_path):
    options = ["--format=stablehlo", "--overwrite"]
    assert "or without one: it is not" in refused(capsys, trained, tmp_path, *options)
    (tmp_path / "saved_model.pb").write_text("a model")
    (tmp_path / "mine.txt").write_text("mine")
    assert "with more than a SavedModel" in refused(capsys, trained, tmp_path, *options)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_workdir_without_a_checkpoint(capsys, tmp_path):
    error = refused(capsys, tmp_path / "run", tmp_path / "sky", "--format=stablehlo")
    assert f"No checkpoint in {tmp_path}/run: expected checkpoints/STEP/generator" in error


def test_a_model_with_noise(capsys, tmp_path):
    workdir = save(tmp_path / "run", "tgan")
    error = refused(capsys, workdir, tmp_path / "sky", "--format=stablehlo")
    assert 'The generator "tgan" draws noise for each clip' in error


def test_a_second_stage_alone(tmp_path, monkeypatch):
    found = {**config("unet"), "imported": {"stage": 2}}
    network = NetworkConfig.from_json(found, "generator")
    monkeypatch.setattr(networks, "load_generator", lambda path: (network, {}, {"path": "run"}))
    monkeypatch.setattr(networks, "read_config", lambda folder: found)
    with pytest.raises(ValueError, match="a second stage alone, which refines clips, not photos"):
        export("run", tmp_path / "sky", format="stablehlo")
