import numpy as np
import pytest

from ssagan_jax.data.sets import synthetic_wind
from tests.helpers.flow import degrees_between, flow_wind


def open_split(split="train", *, size=32, frames=2, **options):
    return synthetic_wind.source(split=split, size=size, frames=frames, **options)


def test_clips():
    train, test = open_split(wind=True), open_split("test")
    assert (len(train), len(test)) == (10_000, 200)
    example = train[3]
    assert example["clip"].shape == (2, 32, 32, 3) and example["clip"].dtype == np.uint8
    assert example["wind"].shape == (2,) and example["wind"].dtype == np.float32
    assert example["video"] == "synthetic_wind-train-0-00003"
    np.testing.assert_array_equal(example["clip"], train[3]["clip"])
    assert set(test[3]) == {"clip", "video", "moving"}
    assert (test[3]["clip"] != example["clip"]).any()
    assert (open_split(seed=1)[3]["clip"] != example["clip"]).any()
    assert train.describe()["dataset"] == "synthetic_wind"


def test_frame_steps_take_further_moments_and_stronger_winds():
    every, second = open_split(frames=3, wind=True)[7], open_split(frame_step=2, wind=True)[7]
    difference = every["clip"][2].astype(float) - second["clip"][1]
    assert np.abs(difference).mean() < 3  # the noise of the camera is another
    np.testing.assert_allclose(second["wind"], 2 * every["wind"], rtol=0.1, atol=1e-4)


def test_same_scene_at_any_size():
    small, large = open_split(size=32, wind=True), open_split(size=64, wind=True)
    likeness = []
    for index in range(12):
        a, b = small[index], large[index]
        halved = b["clip"].reshape(2, 32, 2, 32, 2, 3).mean(axis=(2, 4))
        likeness.append(np.abs(halved - a["clip"]).mean())
        np.testing.assert_allclose(a["wind"], b["wind"], atol=1e-3)
    assert np.median(likeness) < 3 and max(likeness) < 10  # of 255


@pytest.mark.parametrize("size", [1, 2, 5, 8, 20, 200])
def test_any_size(size):
    train = open_split(size=size, frames=1)
    assert all(train[index]["clip"].shape == (1, size, size, 3) for index in range(6))


def test_winds_of_every_direction_and_none():
    train = open_split(size=16, frames=1, wind=True)
    winds = np.array([train[index]["wind"] for index in range(70)])
    speeds = np.hypot(*winds.T)
    assert (speeds < 1e-6).mean() < 0.3
    assert speeds.max() < 0.03 and 0.003 < np.median(speeds[speeds > 0]) < 0.012
    quadrants = {(bool(x > 0), bool(y > 0)) for x, y in winds[speeds > 0.001]}
    assert len(quadrants) == 4


def test_the_wind_is_what_optical_flow_finds():
    """Direction within 25 degrees in most clips that have a wind; mirrored, mirrored."""
    train = open_split(size=64, frames=4, frame_step=2, wind=True)
    angles, mirrored = [], []
    for example in (train[index] for index in range(28)):
        clip, wind = example["clip"], example["wind"]
        seen = np.hypot(*flow_wind(clip)) > 0.002  # of a wall any wind is said
        if seen and np.hypot(*wind) > 0.004:
            angles.append(degrees_between(flow_wind(clip), wind))
            mirrored.append(degrees_between(flow_wind(clip[:, :, ::-1]), wind * (-1, 1)))
    assert len(angles) >= 12
    for found in (angles, mirrored):
        assert np.mean(np.array(found) < 25) > 0.75
