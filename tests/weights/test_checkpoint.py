"""``ssagan import-torch``: what it writes can be animated, evaluated and read back."""

import json

import numpy as np
import orbax.checkpoint as ocp
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from ssagan_jax import build, cli, generate  # noqa: E402
from ssagan_jax.checkpoints import load_generator  # noqa: E402
from ssagan_jax.video_io import read_video  # noqa: E402
from ssagan_jax.weights import load_torch  # noqa: E402
from tests.stubs import equal  # noqa: E402
from tests.weights import peer  # noqa: E402


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with the smallest networks of the family: 64 pixels, no attention."""
    folder = tmp_path_factory.mktemp("torch")
    networks = {
        "g": peer.Generator(size=64, sn=False, concat=False, bottleneck=peer.WHOLE),
        "d": peer.Discriminator(size=64, sn=False),
    }
    for name, network in networks.items():
        torch.save(peer.randomise(network).state_dict(), folder / f"{name}.pth")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "photo.png")
    return folder


@pytest.fixture(scope="module")
def imported(files):
    command = ["import-torch", str(files / "g.pth"), "--model=mdgan", "--role=generator"]
    assert cli.main([*command, f"--output={files / 'run'}"]) == 0
    return files / "run"


def test_from_a_file_to_a_clip_and_a_table(files, imported, capsys):
    clip = files / "sky.mp4"
    photo = str(files / "photo.png")
    assert cli.main(["generate", photo, "-o", str(clip), f"--workdir={imported}"]) == 0
    assert read_video(clip).shape == (32, 64, 96, 3)
    command = ["evaluate", f"--workdir={imported}", "--dataset=synthetic", "--clips=2"]
    assert cli.main(command) == 0
    assert "still" in capsys.readouterr().out
    assert json.loads((imported / "results.json").read_text())["protocol"]["clips"] == 2


def test_the_checkpoint_is_the_module_and_the_variables_of_load_torch(files, imported):
    module, variables = load_torch(files / "g.pth", model="mdgan")
    config, read_back, info = load_generator(imported)
    assert build.generator(config) == module
    assert equal(read_back, variables)
    assert list(variables["params"]) == ["stage1"]  # where Stage II looks for it
    assert info["step"] == "0"
    assert config["imported"]["file"] == "g.pth"
    assert len(config["imported"]["sha256"]) == 64
    assert generate.animator(imported).size == 64


def test_a_discriminators_item(files, tmp_path, capsys):
    command = ["import-torch", str(files / "d.pth"), "--model=mdgan", "--role=discriminator"]
    assert cli.main([*command, f"--output={tmp_path}"]) == 0
    assert f"--config.start_from.discriminator={tmp_path}" in capsys.readouterr().out
    folder = tmp_path / "checkpoints" / "0"
    with ocp.Checkpointer(ocp.JsonCheckpointHandler()) as checkpointer:
        config = checkpointer.restore(folder / "config")
    module, variables = load_torch(files / "d.pth", role="discriminator")
    assert build.discriminator(config) == module
    with ocp.Checkpointer(ocp.StandardCheckpointHandler()) as checkpointer:
        item = checkpointer.restore(folder / "discriminator")
    assert equal({"params": item["params"], **item["stats"]}, variables)


def test_a_folder_with_checkpoints_is_left_alone(files, imported, capsys):
    before = load_generator(imported)[2]["hash"]
    command = ["import-torch", str(files / "g.pth"), "--model=mdgan", f"--output={imported}"]
    assert cli.main(command) == 1
    assert "holds checkpoints already. Choose another folder." in capsys.readouterr().err
    assert load_generator(imported)[2]["hash"] == before


def test_a_network_of_another_kind_writes_nothing(files, tmp_path, capsys):
    command = ["import-torch", str(files / "g.pth"), "--model=ssagan", "--role=discriminator"]
    assert cli.main([*command, f"--output={tmp_path / 'run'}"]) == 1
    assert "no 3-D convolution slice1.0 in the file" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
