"""Writing a run's generator as the bundled model, and reading it back."""

import json
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.animation.animator import load_animator
from ssagan_jax.checkpoints import bundled, networks
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.data.sets import synthetic
from ssagan_jax.io.sealed_json import read_sealed, seal
from ssagan_jax.models import from_config
from tests.helpers.stubs import leaves, variables

CONFIG = {
    "dataset": {"size": 32, "frames": 8, "name": "synthetic"},
    "generator": {"name": "ssagan", "features": 2},
    "seed": 3,
    "batch_size": 4,
    "discriminator": {"name": "mdgan"},
}
NETWORK = NetworkConfig("ssagan", {"features": 2}, size=32, frames=8)


def tree():
    draw = np.random.default_rng(0)
    return {
        "params": {
            "down1": {"Conv_0": {"kernel": draw.normal(size=(1, 2, 2, 3, 4)).astype(np.float32)}},
            "attention_down1": {"gamma": np.float32(0.3)},
        },
        "batch_stats": {"down1": {"var": np.array([1e-9, 3e6], np.float32)}},
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a bundled model."""
    info = {"path": "run", "step": "40", "hash": "abc"}
    monkeypatch.setattr(networks, "load_generator", lambda path: (NETWORK, tree(), info))
    monkeypatch.setattr(networks, "read_config", lambda folder: CONFIG)
    return bundled.save_bundled("run", trained_on="painted clips", folder=tmp_path / "assets")


def test_what_is_loaded_is_what_was_saved(folder):
    network, variables, info = bundled.load_bundled(folder)
    assert network == NETWORK
    config = json.loads((folder / bundled.DESCRIPTION).read_text())["config"]
    assert config == {key: CONFIG[key] for key in ("dataset", "generator")}
    kernel = variables["params"]["down1"]["Conv_0"]["kernel"]
    wanted = tree()["params"]["down1"]["Conv_0"]["kernel"]
    assert kernel.dtype == np.float32
    np.testing.assert_array_equal(kernel, wanted.astype(np.float16))
    np.testing.assert_array_equal(
        variables["batch_stats"]["down1"]["var"], tree()["batch_stats"]["down1"]["var"]
    )
    assert variables["params"]["attention_down1"]["gamma"] == np.float32(0.3)
    assert info["step"] == "40" and len(info["hash"]) == 64


def test_a_real_generator_takes_what_is_loaded(tmp_path, monkeypatch):
    module = from_config.generator(NETWORK)
    frame = jnp.zeros((1, 32, 32, 3))
    info = {"path": "run", "step": "0", "hash": "abc"}
    loaded = (NETWORK, variables(module, frame), info)
    monkeypatch.setattr(networks, "load_generator", lambda path: loaded)
    monkeypatch.setattr(networks, "read_config", lambda folder: CONFIG)
    config, read, _ = bundled.load_bundled(
        bundled.save_bundled("run", trained_on="", folder=tmp_path)
    )
    assert leaves(read).keys() == leaves(loaded[1]).keys()
    network = from_config.generator(config)
    clip = jax.eval_shape(lambda tree: network.apply(tree, frame, train=False).clip, read)
    assert clip.shape == (1, 8, 32, 32, 3)


def test_kernels_take_half_the_space_and_the_description_says_where_they_are_from(folder):
    size = (folder / bundled.WEIGHTS).stat().st_size
    assert size < 1000
    described = json.loads((folder / bundled.DESCRIPTION).read_text())
    assert described["provenance"] == {
        "trained_on": "painted clips",
        "step": "40",
        "checkpoint": "abc",
        "seed": 3,
        "batch_size": 4,
    }


def test_altered_weights_are_refused(folder):
    path = folder / bundled.WEIGHTS
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.safetensors is damaged or was altered: its SHA"):
        bundled.load_bundled(folder)


@pytest.mark.parametrize("name", [bundled.WEIGHTS, bundled.DESCRIPTION])
def test_missing_files(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=re.escape(name) + r" is not there\. Install"):
        bundled.load_bundled(folder)


def test_damaged_and_later_descriptions(folder):
    path = folder / bundled.DESCRIPTION
    described = read_sealed(path)
    path.write_text(json.dumps(seal(described | {"format": 2})))
    with pytest.raises(ValueError, match=r"has format 2, expected 1\. Update"):
        bundled.load_bundled(folder)
    altered = path.read_text().replace('"features": 2', '"features": 3')
    for text in ("{", "[]", json.dumps({"format": 1}), altered):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"model\.json is damaged: "):
            bundled.load_bundled(folder)


@pytest.mark.parametrize("value", [np.inf, 1e6])
def test_values_that_do_not_fit_are_refused(folder, monkeypatch, value):
    wild = tree()
    wild["params"]["down1"]["Conv_0"]["kernel"][0, 0, 0, 0, 0] = value
    info = {"path": "run", "step": "40", "hash": "abc"}
    monkeypatch.setattr(networks, "load_generator", lambda path: (NETWORK, wild, info))
    with pytest.raises(ValueError, match="params/down1/Conv_0/kernel has values that float16"):
        bundled.save_bundled("run", trained_on="", folder=folder)


def test_the_command(folder, monkeypatch, capsys, tmp_path):
    argv = ["bundled", "--workdir=run", "--trained_on=clips", f"--folder={tmp_path / 'new'}"]
    monkeypatch.setattr("sys.argv", argv)
    bundled.main()
    assert "model.safetensors: 0.00 MB" in capsys.readouterr().out
    assert bundled.load_bundled(tmp_path / "new")[2]["step"] == "40"


@pytest.fixture(scope="module")
def own():
    """What ``ssagan generate photo.jpg -o sky.mp4`` takes where no run is given."""
    return load_animator()


WINDS = np.array([[0.01, 0.0], [0.0, -0.008]], np.float32)


def test_the_packages_own_is_small_and_is_read_from_the_package():
    assert bundled.load_bundled()[2]["path"] == str(bundled.ASSETS)
    assert (bundled.ASSETS / bundled.WEIGHTS).stat().st_size < 3e6


def test_the_packages_own_carries_the_sky_where_the_wind_blows(own):
    """Of painted skies by day: they move as the wind; what stands still does so."""
    assert (own.size, own.frames) == (64, 32) and own.takes_wind and own.has_fields
    clips = synthetic.source(split="test", size=64, frames=1)
    photos = np.stack([clips[number]["clip"][0] for number in (1, 6)])
    fields = own.fields(photos, wind=WINDS)
    for mask, velocity, wind in zip(fields.mask, fields.velocity, WINDS, strict=True):
        assert (mask > 0.5).mean() > 0.2
        np.testing.assert_allclose(np.median(velocity[mask > 0.9], axis=0), wind, atol=2e-3)
        assert np.hypot(*velocity[mask < 0.05].T).max() < 1e-3
    clip = own(photos, wind=WINDS)
    np.testing.assert_array_equal(clip[:, 0], photos)


@pytest.mark.slow
def test_a_flat_photo_stays_flat(own):
    """Any grey, any colour, in any wind: at most 2 grey levels anywhere."""
    greys = [(level,) * 3 for level in (0, 32, 64, 128, 192, 255)]
    colours = [
        (200, 30, 40),
        (40, 200, 30),
        (30, 40, 200),
        (90, 120, 160),
        (250, 230, 140),
        (9, 9, 20),
    ]
    photos = np.stack([np.full((64, 64, 3), pixel, np.uint8) for pixel in greys + colours])
    for wind in ([0.0, 0.0], [0.015, 0.0], [-0.004, 0.01]):
        clips = own(photos, wind=np.tile(np.float32(wind), (len(photos), 1)))
        assert np.abs(clips.astype(int) - photos[:, None]).max() <= 2
