"""Where clips come from."""

import numpy as np
import pytest

from ssagan_jax.data.sets.synthetic import source as synthetic
from ssagan_jax.evaluation.clip_files import ArraySource
from ssagan_jax.reproduce.study import sources
from tests.helpers.studies import write_clips

DATASET = {"name": "synthetic", "size": 16, "frames": 4, "frame_step": 1, "data_dir": ""}
CONFIG = {"dataset": {**DATASET, "windows": "all"}, "seed": 0}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A workdir whose network turns photos into clips of their negatives."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").touch()
    info = {"path": "of the checkpoint", "step": "40", "hash": "a hash"}
    monkeypatch.setattr(sources, "load_generator", lambda path: ("network", "variables", info))
    monkeypatch.setattr(sources, "read_config", {"of the checkpoint": CONFIG}.get)

    def build_animator(*network):
        assert network == ("network", "variables")
        return lambda photos: np.repeat(255 - photos[:, None], 4, axis=1)

    monkeypatch.setattr(sources, "build_animator", build_animator)
    return tmp_path / "run"


def test_files(tmp_path):
    path = write_clips(tmp_path / "clips.npz", (1, 2, 3))
    assert isinstance(sources.open_source(path, real=True), ArraySource)
    with pytest.raises(FileNotFoundError, match="none does not exist"):
        sources.open_source(f"{tmp_path}/none", real=False)
    with pytest.raises(ValueError, match="A folder of clips is gs://x; expected a path on a disk"):
        sources.open_source("gs://x", real=False)


def test_a_run_makes_clips_of_the_photos_that_real_clips_begin_with(run):
    made, real = (sources.open_source(str(run), real=x) for x in (False, True))
    expected = synthetic(split="test", size=16, frames=4)
    assert len(made) == len(real) == len(expected) and made.names == real.names
    np.testing.assert_array_equal(real[3]["clip"], expected[3]["clip"])
    assert made[3]["clip"].shape == expected[3]["clip"].shape
    np.testing.assert_array_equal(made[3]["clip"][2], 255 - expected[3]["clip"][0])
    described = made.describe()
    assert described["reference"] == "run, step 40" and described["sha256"] == "a hash"
    assert real.describe()["reference"] == "synthetic, test split"
    assert described["data"] == real.describe()


@pytest.mark.parametrize("change", [{"name": "synthetic_wind"}, {"frame_step": 2}])
def test_clips_of_other_data_or_read_otherwise_have_other_names(run, monkeypatch, change):
    ours = sources.open_source(str(run), real=True)
    other = {**CONFIG, "dataset": {**CONFIG["dataset"], **change}}
    monkeypatch.setattr(sources, "read_config", lambda path: other)
    assert not set(ours.names) & set(sources.open_source(str(run), real=True).names)
