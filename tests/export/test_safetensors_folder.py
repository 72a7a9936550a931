"""``ssagan export --format=safetensors`` and ``ssagan push``: the same folder, here and there."""

import json
from pathlib import Path

import pytest

from ssagan_jax.checkpoints import loading, networks
from ssagan_jax.checkpoints.model_folder import DESCRIPTION, WEIGHTS
from ssagan_jax.cli.main import main
from ssagan_jax.export.safetensors_folder import _without_paths
from ssagan_jax.io.sealed_json import seal
from tests.helpers.commands import refused
from tests.helpers.exported import save
from tests.helpers.hub_server import Hub, serve, use_hub_at

# The client sends large files in a way that its own client of HTTP calls old.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return save(tmp_path_factory.mktemp("run"), "rnngan")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "word")
    served = Hub()
    with serve(served) as address:
        use_hub_at(address, monkeypatch)
        yield served


def test_a_folder_is_written_and_read_back(run, tmp_path, capsys):
    folder = tmp_path / "new" / "sky"
    command = ["export", f"--workdir={run}", "--format=safetensors", f"--output={folder}"]
    assert main([*command, "--licence=cc-by-4.0"]) == 0
    assert capsys.readouterr().out == f"{folder}\n"
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", DESCRIPTION, WEIGHTS]
    _, _, info = networks.load_generator(run)
    assert loading.load_generator(folder)[2]["hash"] == info["hash"]
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlicense: cc-by-4.0\n")
    assert f"--workdir={folder}" in card and "None came with it." in card
    assert "exists. Choose another name" in refused(capsys, *command)
    (folder / "results.json").write_text("mine")
    assert main([*command, "--overwrite"]) == 0
    assert (folder / "results.json").read_text() == "mine"
    assert "license:" not in (folder / "README.md").read_text()  # nobody has said


def test_a_folder_of_something_else_is_not_overwritten(run, tmp_path, capsys):
    command = ["export", f"--workdir={run}", "--format=safetensors", f"--output={tmp_path}"]
    assert "is no model folder: it is not over" in refused(capsys, *command, "--overwrite")


def test_a_folder_of_another_kind_of_model_is_not_overwritten(run, tmp_path, capsys):
    (tmp_path / WEIGHTS).write_text("mine")
    command = ["export", f"--workdir={run}", "--format=safetensors", f"--output={tmp_path}"]
    assert "is no model folder: it is not over" in refused(capsys, *command, "--overwrite")
    assert (tmp_path / WEIGHTS).read_text() == "mine"


def test_a_licence_is_of_folders_only(run, tmp_path, capsys):
    command = ["export", f"--workdir={run}", "-o", str(tmp_path / "a"), "--licence=other"]
    assert "--licence is for --format=safetensors" in refused(capsys, *command, "--format=onnx")


def test_folders_of_whoever_trained_it_stay_at_home():
    config = {
        "dataset": {"name": "sky", "data_dir": "/home/ada/data", "cache": "/home/ada"},
        "start_from": {"generator": "/home/ada/runs/first", "untrained": False},
        "imported": {"stage": 2, "first": "/home/ada/stage1.pth"},
    }
    public = _without_paths(config)
    assert "ada" not in json.dumps(public)
    assert public["start_from"] == {"generator": "first", "untrained": False}
    assert public["imported"] == {"stage": 2, "first": "stage1.pth"}


def test_push_and_load_and_push_again(hub, run, tmp_path, capsys):
    assert main(["push", f"--workdir={run}", "hf://org/sky", "--licence=apache-2.0"]) == 0
    address = capsys.readouterr().out.strip()
    commit = hub.branches["model", "org/sky"]["main"]
    assert address == f"hf://org/sky@{commit}"
    files = hub.commits["model", "org/sky"][commit]
    assert set(files) == {"README.md", DESCRIPTION, WEIGHTS}
    assert b"--workdir=hf://org/sky\n" in files["README.md"]
    _, _, info = networks.load_generator(run)
    assert loading.load_generator(address)[2]["hash"] == info["hash"]
    command = ["push", f"--workdir={address}", "hf://org/sky", "--license=other", "--revision=v2"]
    assert main(command) == 0
    again = hub.branches["model", "org/sky"]
    assert again["main"] == commit and again["v2"] != commit
    assert loading.load_generator("hf://org/sky@v2")[2]["hash"] == info["hash"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["org/sky", "--licence=other"], "is no model on the hub; expected hf://ORG/NAME"),
        (["hf://org/sky@v1", "--licence=other"], "and the branch as --revision=v1"),
        (["hf://org/sky", "--licence=My Own"], '"My Own" is no short name of a licence'),
    ],
)
def test_what_is_refused_before_anything_goes_up(hub, run, capsys, words, text):
    assert text in refused(capsys, "push", f"--workdir={run}", *words)
    assert hub.requests == []


def test_the_licence_must_be_said(capsys):
    with pytest.raises(SystemExit):
        main(["push", "--workdir=run", "hf://org/sky"])
    assert "--licence" in capsys.readouterr().err


def test_scores_of_other_weights_do_not_go_with_it(run, tmp_path, capsys):
    results = {"protocol": {"checkpoint": "other"}, "rows": {}}
    (Path(run) / "results.json").write_text(json.dumps(seal(results)))
    folder = tmp_path / "sky"
    command = ["export", f"--workdir={run}", "--format=safetensors", f"--output={folder}"]
    assert main(command) == 0
    (Path(run) / "results.json").unlink()
    assert "those of its run are of another checkpoint" in (folder / "README.md").read_text()
