"""Published protocols: which clips they score, and models of other sizes and lengths."""

from types import SimpleNamespace

import numpy as np
import pytest

from ssagan_jax import data
from ssagan_jax.config.schema import DatasetConfig
from ssagan_jax.evaluation import api
from ssagan_jax.evaluation.protocols import PROTOCOLS, FittedAnimator, Protocol, find_protocol
from ssagan_jax.evaluation.results import read_results
from tests.helpers.noisy_model import BATCH, Source

TINY = Protocol("tiny", "train", 12, 3, "random:2", "center", 2, (), 1)


class Model:
    """Brightens its photo by 10 grey levels a frame; of 24 pixels and four frames."""

    size, frames = 24, 4
    takes_wind = takes_mask = draws_noise = False

    def __call__(self, photos):
        assert photos.shape[1:] == (24, 24, 3)
        steps = 10 * np.arange(4, dtype=np.uint8)
        return photos[:, None] + steps[:, None, None, None]

    def prior(self, photos):
        return photos.mean(axis=(1, 2, 3))[:, None, None] * np.ones((1, 1, 5))


def test_those_known():
    assert {name: p.name for name, p in PROTOCOLS.items()} == {name: name for name in PROTOCOLS}
    styles, cinn = find_protocol("stylegan-v"), find_protocol("cinn")
    assert (styles.size, styles.frames, styles.clips) == (256, 16, 2048)
    # The 16 frames after the photo; six windows of a shot.
    assert (cinn.size, cinn.frames - cinn.first_embedded, cinn.windows) == (128, 16, "random:6")
    with pytest.raises(ValueError, match=r'Unknown protocol "x"\. Available: stylegan-v, cinn'):
        find_protocol("x")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_opens_the_clips_it_says(name):
    protocol = find_protocol(name)
    trained_on = DatasetConfig("synthetic", "", 64, 32, frame_step=2)
    asked = protocol.clips_of(trained_on)
    source = data.source(
        asked.name,
        split=protocol.split,
        size=asked.size,
        frames=asked.frames,
        frame_step=asked.frame_step,
        windows=asked.windows,
        crop=asked.crop,
    )
    assert source[0]["clip"].shape == (protocol.frames, protocol.size, protocol.size, 3)


def test_clips_of_a_model_get_the_size_and_length_of_the_protocol():
    photos = np.full((2, 12, 12, 3), [[[[50]]], [[[90]]]], np.uint8)
    fitted = FittedAnimator(Model(), TINY)
    clips = fitted(photos)
    assert clips.shape == (2, 3, 12, 12, 3) and clips.dtype == np.uint8
    np.testing.assert_array_equal(clips[:, :, 0, 0, 0], [[50, 60, 70], [90, 100, 110]])
    np.testing.assert_array_equal(fitted.prior(photos)[:, 0, 0], [50, 90])
    assert TINY.describe(Model())["model_clips"] == {"size": 24, "frames": 4}


def test_masks_are_given_at_the_models_size():
    given = []
    model = SimpleNamespace(size=6, frames=4, takes_mask=True, with_mask=given.append)
    mask = np.zeros((2, 12, 12), np.float32)
    mask[:, :, :6] = 1
    fitted = FittedAnimator(model, TINY)
    assert fitted.takes_mask
    with pytest.raises(AttributeError):  # what the stand-in gives back has no frames
        fitted.with_mask(mask)
    np.testing.assert_array_equal(given[0], mask[:, ::2, ::2])


def test_too_short_clips_are_refused():
    short = SimpleNamespace(size=12, frames=2)
    with pytest.raises(ValueError, match="tiny scores clips of 3 frames, and this model's have 2"):
        FittedAnimator(short, TINY)


@pytest.fixture(name="opened")
def opened_fixture(monkeypatch, tmp_path):
    """A run whose checkpoint is ``Model``; what ``open_split`` was asked for."""
    dataset = {"name": "sky", "data_dir": "", "size": 24, "frames": 4, "frame_step": 2}
    config = {"seed": 7, "dataset": dataset, "eval_batch_size": BATCH}
    info = {"path": "run", "hash": "abc", "step": "4"}
    asked = []

    def open_split(dataset, split, seed, **hints):
        asked.append((dataset, split, seed))
        return Source()

    for name, value in {
        "load_generator": lambda path: (None, {}, info),
        "read_config": lambda folder: config,
        "build_animator": lambda *_, **__: Model(),
        "open_split": open_split,
        "find_home": lambda path: tmp_path,
        "find_protocol": lambda name: TINY,
    }.items():
        monkeypatch.setattr(api, name, value)
    return asked


def test_a_run_is_scored_by_it(opened, tmp_path):
    found = api.evaluate_checkpoint("run", protocol="tiny")
    assert read_results(tmp_path / "results_tiny.json") == found
    [(dataset, split, seed)] = opened
    assert (dataset.size, dataset.frames, dataset.frame_step, split, seed) == (12, 3, 1, "train", 0)
    assert (dataset.windows, dataset.crop) == ("random:2", "center")
    protocol = found["protocol"]
    assert protocol["published_protocol"] == "tiny" and protocol["clips"] == 2
    assert protocol["model_clips"] == {"size": 24, "frames": 4}


def test_another_split_is_refused(opened):
    with pytest.raises(ValueError, match="tiny scores the split train, not test"):
        api.evaluate_checkpoint("run", protocol="tiny", split="test")
