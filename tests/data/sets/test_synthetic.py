import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from ssagan_jax import data
from ssagan_jax.data.sets import synthetic
from tests.helpers.flow import degrees_between, flow_wind


def open_split(split="train", *, size=16, frames=4, **options):
    return data.source("synthetic", split=split, size=size, frames=frames, **options)


def floats(clip):
    return clip.astype(np.float64) / 127.5 - 1


def test_clips():
    train, test = open_split(), open_split("test")
    assert (len(train), len(test)) == (2000, 100)
    example = train[3]
    assert example["clip"].shape == (4, 16, 16, 3)
    assert example["clip"].dtype == np.uint8
    assert example["video"] == "synthetic-train-0-00003"
    np.testing.assert_array_equal(train[-1]["clip"], train[1999]["clip"])
    assert (train[3]["clip"] != test[3]["clip"]).any()
    assert (train[3]["clip"] != train[4]["clip"]).any()


def test_seed_changes_the_training_clips_only():
    assert (open_split(seed=1)[0]["clip"] != open_split()[0]["clip"]).any()
    np.testing.assert_array_equal(
        open_split("test", seed=1)[0]["clip"], open_split("test")[0]["clip"]
    )
    assert open_split(seed=1).describe()["split_hash"] != open_split().describe()["split_hash"]
    assert open_split("test", seed=1).describe() == open_split("test").describe()
    with pytest.raises(ValueError, match="seed is -1; expected 0 or more"):
        open_split(seed=-1)


def test_options_are_checked():
    with pytest.raises(ValueError, match="size is 0"):
        open_split(size=0)


def test_frame_step_takes_every_nth_moment():
    every = open_split(frames=5)[7]["clip"]
    second = open_split(frames=3, frame_step=2)[7]["clip"]
    np.testing.assert_array_equal(second, every[::2])


def test_another_process_paints_the_same():
    program = """
import hashlib
from ssagan_jax import data
from ssagan_jax.data.sets import synthetic
from tests.helpers.flow import degrees_between, flow_wind
clips = data.source("synthetic", split="train", size=16, frames=4)
print(hashlib.sha256(b"".join(clips[i]["clip"].tobytes() for i in range(8))).hexdigest())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    clips = open_split()
    here = hashlib.sha256(b"".join(clips[i]["clip"].tobytes() for i in range(8))).hexdigest()
    assert done.stdout.strip() == here


def test_same_scene_at_any_size():
    small, large = open_split(size=32), open_split(size=64)
    for index in range(6):
        halved = floats(large[index]["clip"]).reshape(4, 32, 2, 32, 2, 3).mean(axis=(2, 4))
        assert np.corrcoef(halved.ravel(), floats(small[index]["clip"]).ravel())[0, 1] > 0.9


@pytest.mark.parametrize("size", [1, 2, 4, 8, 20, 200])
def test_any_size(size):
    train = open_split(size=size, frames=1)
    assert all(train[index]["clip"].shape == (1, size, size, 3) for index in range(8))


def test_everything_moves_but_not_too_much():
    """The still picture must be beatable and the motion smooth."""
    test = open_split("test", size=64, frames=32)
    scores = []
    for index in range(12):
        clip = floats(test[index]["clip"])
        steps = np.abs(np.diff(clip, axis=0)).mean(axis=(1, 2, 3))
        assert steps.min() > 0.002
        assert steps.max() < 0.2
        scores.append(10 * np.log10(4 / ((clip - clip[:1]) ** 2).mean()))
    assert 17 < np.mean(scores) < 25


def test_wind_blows_to_the_right():
    train = open_split(size=64, frames=5)
    right, left = 0.0, 0.0
    for index in range(12):
        first, last = floats(train[index]["clip"])[[0, 4], :32]
        right += np.abs(last[:, 3:] - first[:, :-3]).mean()
        left += np.abs(last[:, :-3] - first[:, 3:]).mean()
    assert right < 0.9 * left


def test_the_wind_is_the_true_motion():
    clips = synthetic.source(split="train", size=64, frames=4, wind=True)
    for index in range(8):
        example = clips[index]
        assert example["wind"].shape == (2,) and example["wind"].dtype == np.float32
        found = flow_wind(example["clip"])
        assert degrees_between(found, example["wind"]) < 15
        assert 0.4 < np.hypot(*found) / np.hypot(*example["wind"]) < 1.6
    assert "wind" not in synthetic.source(split="train", size=8, frames=1)[0]


def test_the_wind_is_that_of_a_frame_at_any_size():
    def wind(size, step):
        clips = synthetic.source(split="test", size=size, frames=2, frame_step=step, wind=True)
        return clips[3]["wind"]

    np.testing.assert_allclose(wind(64, 2), 2 * wind(64, 1), rtol=1e-5)
    np.testing.assert_allclose(wind(32, 1), wind(64, 1), rtol=0.1, atol=3e-4)


def test_describe_is_json():
    description = open_split().describe()
    assert json.loads(json.dumps(description)) == description
    expected = "dataset split clips windows frames size frame_step split_hash"
    assert list(description) == expected.split()
