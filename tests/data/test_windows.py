"""Windows of a built data set: which there are, and the frames of one."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data


def test_windows_lie_side_by_side(built, values):
    train = built()
    clips = [(train[i]["video"], values(train[i]["clip"])[0]) for i in range(len(train))]
    assert clips == [("a", 1), ("a", 33), ("a", 65), ("a", 1), ("e", 1), ("f", 1), ("g", 1)]
    assert train[0]["clip"].shape == (32, 8, 8, 3)
    # The second window of a_1 lies in its first record, the third in its second.
    assert values(train[2]["clip"]) == list(range(65, 97))
    # Frames 11 to 13 do not exist; 5, 9, 10 and 11 of e are broken.
    assert values(train[3]["clip"]) == [*range(1, 11), *range(14, 36)]
    assert values(train[4]["clip"]) == [1, 2, 3, 4, 6, 7, 8, *range(12, 37)]


def test_a_window_may_span_records(built, values):
    train = built(frames=48)
    assert values(train[1]["clip"]) == list(range(49, 97))


def test_frame_step(built, values):
    train = built(frames=16, frame_step=3)
    assert len(train) == 2
    assert values(train[1]["clip"]) == list(range(49, 97, 3))
    assert train.describe()["frame_step"] == 3


def test_first_window_only(built):
    assert len(built(frames=16)) == 6 + 2 + 1 + 2 + 2 + 2
    first = built(frames=16, windows="first")
    assert [first[i]["video"] for i in range(len(first))] == ["a", "a", "b", "e", "f", "g"]


def test_random_windows(built, values):
    drawn = built(frames=16, windows="random:5", seed=3)
    clips = [(drawn[i]["video"], values(drawn[i]["clip"])) for i in range(len(drawn))]
    assert [video for video, _ in clips] == [video for video in "aabefg" for _ in range(5)]
    inside = [clip for _, clip in clips[:5]]
    assert all(clip == list(range(clip[0], clip[0] + 16)) for clip in inside)
    assert len({clip[0] for clip in inside}) > 1
    again = built(frames=16, windows="random:5", seed=3)
    assert again.describe() == drawn.describe()
    assert (
        again.describe()["split_hash"]
        != built(frames=16, windows="random:5", seed=4).describe()["split_hash"]
    )


def test_the_middle_square(tmp_path, values):
    folder = tmp_path / "raw" / "sky_test" / "v" / "v_1"
    folder.mkdir(parents=True)
    for number in range(2):
        wide = np.zeros((16, 48, 3), np.uint8)
        wide[:, 16:32] = 200
        Image.fromarray(wide).save(folder / f"v_frames_{number:08d}.jpg", quality=95)
    data.build("sky", source=str(tmp_path / "raw"), data_dir=str(tmp_path))
    options = {"split": "test", "size": 16, "frames": 2, "data_dir": str(tmp_path), "wind": True}
    center, whole = (data.source("sky", crop=crop, **options) for crop in ("center", "none"))
    assert values(center[0]["clip"]) == [200, 200]
    assert center.describe()["crop"] == "center" and "crop" not in whole.describe()
    # The same motion is a greater share of a third of the width, and of the same height.
    winds = np.array([[0.01, 0.02]], np.float32)
    center._winds, whole._winds = [winds], [winds]
    np.testing.assert_allclose(center[0]["wind"], [0.03, 0.02], rtol=1e-6)
    np.testing.assert_allclose(whole[0]["wind"], [0.01, 0.02], rtol=1e-6)


def test_describe(built):
    description = built("test").describe()
    assert json.loads(json.dumps(description)) == description
    assert {key: description[key] for key in ("dataset", "split", "clips", "windows")} == {
        "dataset": "sky",
        "split": "test",
        "clips": 1,
        "windows": "all",
    }
    assert built(frames=16).describe()["split_hash"] != built().describe()["split_hash"]


def test_shots_too_short(built):
    message = "101 frames with frame_step 2 need shots of 202 frames, and the longest of 6 .* 100"
    with pytest.raises(ValueError, match=message):
        built(frames=101, frame_step=2)


def test_not_built(tmp_path):
    message = f"ssagan data build sky --source=DIR --data-dir={tmp_path}"
    with pytest.raises(FileNotFoundError, match=re.escape(message)):
        data.source("sky", split="train", size=8, frames=2, data_dir=str(tmp_path))


def test_missing_split(sky_folder, tmp_path):
    (sky_folder / "sky_test").rename(sky_folder / "elsewhere")
    scan = data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    assert "missing: the split is left out" in str(scan)
    with pytest.raises(ValueError, match=r'has no split "test"\. It has: train\.'):
        data.source("sky", split="test", size=8, frames=2, data_dir=str(tmp_path))


def test_overlapping_windows_start_a_quarter_of_a_clip_apart(built, values):
    overlapping = built(windows="overlapping")
    starts = [values(overlapping[i]["clip"])[0] for i in range(9)]
    assert starts == list(range(1, 66, 8))  # of the first shot, of 100 frames
    assert len(values(overlapping[8]["clip"])) == 32


def test_clips_come_with_their_wind_where_it_is_asked_for(built):
    assert "wind" not in built()[0]
    windy = built(wind=True)
    assert windy[0]["wind"].shape == (2,) and windy[0]["wind"].dtype == np.float32
    # Measured once, and beside the data set from then on.
    np.testing.assert_array_equal(built(wind=True)[0]["wind"], windy[0]["wind"])
