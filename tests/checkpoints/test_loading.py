"""Whatever names a generator: a run, a folder, the hub."""

import shutil

import numpy as np
import pytest

from ssagan_jax.animation.animator import load_animator
from ssagan_jax.checkpoints import loading, model_folder, networks
from ssagan_jax.io.sealed_json import DamagedFile
from tests.helpers.exported import FRAMES, SIZE, save
from tests.helpers.hub_server import COMMIT, Hub, serve, use_hub_at


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return save(tmp_path_factory.mktemp("run"), "rnngan")


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    """The run's generator as a model folder."""
    folder = tmp_path_factory.mktemp("folder")
    _, variables, info = networks.load_generator(run)
    config = loading.read_config(info["path"])
    model_folder.write_model(folder, variables, config=config, provenance={"step": "0"})
    return folder


@pytest.fixture
def hub(written, monkeypatch, tmp_path):
    pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")
    served = Hub()
    files = {path.name: path.read_bytes() for path in written.iterdir()}
    served.add("org/sky", files, kind="model")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    with serve(served) as address:
        use_hub_at(address, monkeypatch)
        yield served


def test_a_run_and_its_folder_are_the_same_generator(run, written):
    network, _, info = networks.load_generator(run)
    found, _, again = loading.load_generator(written)
    assert (found, again["hash"]) == (network, info["hash"])
    assert loading.load_generator(run)[2] == info


def test_a_folder_has_what_scoring_asks_of_a_configuration(written):
    config = loading.read_config(written)
    assert config["seed"] == 0 and config["eval_batch_size"] == 16
    assert config["generator"]["name"] == "rnngan"


def test_a_folder_of_another_model_is_refused(written, tmp_path):
    _, variables, _ = loading.load_generator(written)
    config = loading.read_config(written)
    config["generator"]["features"] = 3
    model_folder.write_model(tmp_path, variables, config=config, provenance={})
    with pytest.raises(ValueError, match="is of another model than its config describes"):
        loading.load_generator(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("features", "x", r"model\.json describes no generator that can be made: "),
        ("name", "../os", r'Unknown generator "\.\./os"'),
        ("parent", "x", 'has no field "parent"'),
    ],
)
def test_a_folder_whose_configuration_makes_no_network(tmp_path, key, value, text):
    config = {
        "dataset": {"size": SIZE, "frames": FRAMES},
        "generator": {"name": "ssagan", "features": 2, key: value},
    }
    model_folder.write_model(tmp_path, {"params": {"a": np.zeros(1)}}, config=config, provenance={})
    with pytest.raises(ValueError, match=text):
        loading.load_generator(tmp_path)


def test_a_folder_does_not_say_where_data_are_on_this_machine(tmp_path):
    folders = {"data_dir": "gs://theirs/data", "cache": "/home/me"}
    config = {
        "dataset": {"size": SIZE, "frames": FRAMES, **folders},
        "generator": {"name": "ssagan", "features": 2},
    }
    model_folder.write_model(tmp_path, {"params": {"a": np.zeros(1)}}, config=config, provenance={})
    found = loading.read_config(tmp_path)["dataset"]
    assert found == {"size": SIZE, "frames": FRAMES, "data_dir": "", "cache": ""}


def test_a_damaged_folder_says_what_to_do(written, tmp_path):
    folder = shutil.copytree(written, tmp_path / "copy")
    content = bytearray((folder / model_folder.WEIGHTS).read_bytes())
    content[-1] ^= 1
    (folder / model_folder.WEIGHTS).write_bytes(content)
    with pytest.raises(DamagedFile, match=r"was altered: its SHA-256 .* Copy the folder again"):
        loading.load_generator(folder)


def test_the_hubs_generator_is_animated_and_then_offline_too(hub, run, monkeypatch):
    animate = load_animator("hf://org/sky")
    photos = np.zeros((1, SIZE, SIZE, 3), np.uint8)
    clip = animate(photos)
    assert clip.shape == (1, FRAMES, SIZE, SIZE, 3)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    hub.requests.clear()
    found = loading.load_generator("hf://org/sky")[2]
    assert found["hash"] == loading.load_generator(run)[2]["hash"]
    assert loading.load_generator(f"hf://org/sky@{COMMIT}")[2]["path"].endswith(COMMIT)
    assert hub.requests == []


def test_the_hubs_files_are_bounded_by_the_shapes_and_no_other_name_is_asked(hub):
    files = hub.commits["model", "org/sky"][COMMIT]
    files["../../outside.txt"] = b"x"
    loading.load_generator("hf://org/sky")
    assert not [path for _, path, _ in hub.requests if "outside" in path]
    most = model_folder.largest_file(loading.load_generator("hf://org/sky")[1])
    files[model_folder.WEIGHTS] = bytes(most + 1)
    hub.commits["model", "org/sky"]["d" * 40] = files
    hub.branches["model", "org/sky"]["main"] = "d" * 40
    with pytest.raises(ValueError, match=r"has \d+ bytes, expected \d+ at most\. It is not down"):
        loading.load_generator("hf://org/sky")
