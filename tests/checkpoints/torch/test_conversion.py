"""``ssagan import-torch``: what it writes can be animated, evaluated and read back."""

import json
import re
import shlex
from functools import partial
from pathlib import Path

import jax
import numpy as np
import orbax.checkpoint as ocp
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[torch]'")

from benchmarks import torch_networks as peer  # noqa: E402
from ssagan_jax.animation.animator import load_animator  # noqa: E402
from ssagan_jax.checkpoints.networks import load_generator, read_config  # noqa: E402
from ssagan_jax.checkpoints.torch import load_torch, two_stages  # noqa: E402
from ssagan_jax.checkpoints.torch.fields import Network  # noqa: E402
from ssagan_jax.cli.main import main  # noqa: E402
from ssagan_jax.config import loading  # noqa: E402
from ssagan_jax.config.resolution import resolve  # noqa: E402
from ssagan_jax.config.schema import NetworkConfig  # noqa: E402
from ssagan_jax.io.video_files import read_video  # noqa: E402
from ssagan_jax.models import from_config  # noqa: E402
from ssagan_jax.training import warm_start  # noqa: E402
from ssagan_jax.training.from_config import build_gan  # noqa: E402
from ssagan_jax.training.state import create  # noqa: E402
from tests.helpers.random_weights import randomise  # noqa: E402
from tests.helpers.stubs import equal, quick_jit  # noqa: E402


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with the smallest networks of the family: 64 pixels, no attention."""
    folder = tmp_path_factory.mktemp("torch")
    networks = {
        "g": peer.Generator(2, size=64, sn=False, concat=False, bottleneck=peer.PAIR),
        "second": peer.Generator(
            2, size=64, sn=False, concat=False, skips=2, bottleneck=peer.HALVE
        ),
        "d": peer.Discriminator(2, size=64, sn=False, last=peer.PAIR),
    }
    for seed, (name, network) in enumerate(networks.items()):
        torch.save(randomise(network, seed).state_dict(), folder / f"{name}.pth")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "photo.png")
    return folder


@pytest.fixture(scope="module")
def imported(files):
    command = ["import-torch", str(files / "g.pth"), "--model=mdgan", "--role=generator"]
    assert main([*command, f"--output={files / 'run'}"]) == 0
    return files / "run"


def import_second(files, output, *options):
    """The status of the command for the second stage's file."""
    command = ["import-torch", str(files / "second.pth"), "--model=mdgan", "--stage=2"]
    return main([*command, f"--output={output}", *options])


def taken(printed):
    """What the run that is proposed next would start with, by role."""
    proposed = re.search(r"ssagan train --config=(\S+)(.*)", printed)
    options = [x for x in shlex.split(proposed[2]) if x.startswith("--config.")]
    resolved = resolve(loading.load(proposed[1], options))
    gan = build_gan(resolved)
    abstract = jax.eval_shape(partial(create, gan), 0)
    found = warm_start.read_warm_start(resolved.warm_start, gan, abstract)
    return {role: parts["params"] for role, parts in found.items()}


def test_from_a_file_to_a_clip_and_a_table(files, imported, capsys):
    clip = files / "sky.mp4"
    photo = str(files / "photo.png")
    assert main(["generate", photo, "-o", str(clip), f"--workdir={imported}"]) == 0
    assert read_video(clip).shape == (32, 64, 96, 3)
    command = ["evaluate", f"--workdir={imported}", "--dataset=synthetic", "--clips=2"]
    assert main(command) == 0
    assert "still" in capsys.readouterr().out
    assert json.loads((imported / "results.json").read_text())["protocol"]["clips"] == 2


def test_the_checkpoint_is_the_module_and_the_variables_of_load_torch(files, imported):
    module, variables = load_torch(files / "g.pth", model="mdgan")
    network, read_back, info = load_generator(imported)
    assert from_config.generator(network) == module
    assert equal(read_back, variables)
    assert list(variables["params"]) == ["stage1"]  # where Stage II looks for it
    assert info["step"] == "0"
    config = read_config(Path(info["path"]))
    assert config["imported"]["file"] == "g.pth"
    assert len(config["imported"]["sha256"]) == 64
    assert load_animator(imported).size == 64


def test_a_discriminators_item(files, tmp_path, capsys):
    command = ["import-torch", str(files / "d.pth"), "--model=mdgan", "--role=discriminator"]
    assert main([*command, f"--output={tmp_path}"]) == 0
    assert f"--config.start_from.discriminator={tmp_path}" in capsys.readouterr().out
    folder = tmp_path / "checkpoints" / "0"
    with ocp.Checkpointer(ocp.JsonCheckpointHandler()) as checkpointer:
        config = checkpointer.restore(folder / "config")
    module, variables = load_torch(files / "d.pth", role="discriminator")
    assert from_config.discriminator(NetworkConfig.from_json(config, "discriminator")) == module
    with ocp.Checkpointer(ocp.StandardCheckpointHandler()) as checkpointer:
        item = checkpointer.restore(folder / "discriminator")
    assert equal({"params": item["params"], **item["stats"]}, variables)


def test_a_folder_with_checkpoints_is_left_alone(files, imported, capsys):
    before = load_generator(imported)[2]["hash"]
    command = ["import-torch", str(files / "g.pth"), "--model=mdgan", f"--output={imported}"]
    assert main(command) == 1
    assert "holds checkpoints already. Choose another folder." in capsys.readouterr().err
    assert load_generator(imported)[2]["hash"] == before


def test_a_network_of_another_kind_writes_nothing(files, tmp_path, capsys):
    command = ["import-torch", str(files / "g.pth"), "--model=ssagan", "--role=discriminator"]
    assert main([*command, f"--output={tmp_path / 'run'}"]) == 1
    assert "no 3-D convolution slice1.0 in the file" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", ["file", "checkpoint"])
def test_both_stages_are_one_generator(files, imported, tmp_path, kind, capsys):
    first = files / "g.pth" if kind == "file" else imported
    assert import_second(files, tmp_path, f"--first={first}") == 0
    printed = capsys.readouterr().out
    assert "second stage's network alone" not in printed
    assert set(taken(printed)["generator"]) == {"stage1", "stage2"}
    network, variables, info = load_generator(tmp_path)
    assert network.options["bottlenecks"] == ("pair", "halve")
    assert read_config(Path(info["path"]))["imported"]["first"] == str(first)
    for stage, (name, options) in {
        "stage1": ("g", dict(model="mdgan")),
        "stage2": ("second", dict(model="mdgan", stage=2)),
    }.items():
        _, alone = load_torch(files / f"{name}.pth", **options)
        ours = {collection: tree[stage] for collection, tree in variables.items()}
        assert equal(ours, {k: v.get("stage1", v) for k, v in alone.items()})


def test_the_system_computes_what_pytorch_does(files, imported, tmp_path):
    import_second(files, tmp_path, f"--first={imported}")
    generator, variables, _ = load_generator(tmp_path)
    photo = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    x = torch.from_numpy(np.moveaxis(photo, -1, 1).copy())
    for name, options in {
        "g": dict(bottleneck=peer.PAIR),
        "second": dict(skips=2, bottleneck=peer.HALVE),
    }.items():
        network = peer.Generator(2, size=64, sn=False, concat=False, **options).eval()
        network.load_state_dict(torch.load(files / f"{name}.pth", weights_only=True))
        x = network(x)
    run = quick_jit(partial(from_config.generator(generator).apply, train=False))
    expected = np.moveaxis(x.detach().numpy(), 1, -1)
    np.testing.assert_allclose(run(variables, photo).clip, expected, atol=1e-3 * expected.std())


def test_a_second_stage_by_itself_says_so(files, tmp_path, capsys):
    assert import_second(files, tmp_path) == 0
    printed = capsys.readouterr().out
    assert "second stage's network alone" in printed
    assert "--first=STAGE1.pth" in printed
    assert "ssagan train" not in printed


def test_the_next_run_takes_what_was_imported(files, tmp_path, capsys):
    for name, role, parts in (("g", "generator", {"stage1"}), ("d", "discriminator", {"down1"})):
        command = ["import-torch", str(files / f"{name}.pth"), "--model=mdgan", f"--role={role}"]
        assert main([*command, f"--output={tmp_path / name}"]) == 0
        assert parts <= set(taken(capsys.readouterr().out)[role])


def test_a_first_stage_of_another_kind(files, imported, capsys, tmp_path):
    command = ["import-torch", str(files / "g.pth"), "--model=mdgan", f"--output={tmp_path}"]
    assert main([*command, "--first=x.pth"]) == 1
    assert "first=... belongs to model=mdgan, role=generator, stage=2" in capsys.readouterr().err
    import_second(files, tmp_path / "alone")
    assert import_second(files, tmp_path / "run", f"--first={tmp_path / 'alone'}") == 1
    assert "holds a generator unet; the first stage is one of mdgan." in capsys.readouterr().err
    assert import_second(files, tmp_path / "run", f"--first={files / 'second.pth'}") == 1
    assert "MD-GAN's stage 2, by the shape of downConv5" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
    other = dict(size=64, frames=32, features=4, skips="concat", bottleneck="halve")
    other |= dict(spectral_norm=False)
    message = (
        r"is not the first stage of this one:\n  features: 2 there, 4 in the second stage\n"
        r"  skips: sums there, 'concat' in"
    )
    with pytest.raises(ValueError, match=message):
        two_stages.join_stages(imported, Network("unet", other, {}), {})
