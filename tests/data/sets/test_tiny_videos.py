import io

import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data
from ssagan_jax.data.sets import tiny_videos


def write_strip(path, values, *, side=16, extra=0):
    pixels = np.repeat(np.array(values, np.uint8), side)
    pixels = np.concatenate([pixels, np.zeros(extra, np.uint8)])
    image = Image.fromarray(pixels[:, None].repeat(side, 1)).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=95)


@pytest.fixture
def beach(tmp_path, html):
    root = tmp_path / "beach"
    for video in range(12):
        for clip in range(2):
            values = [10 * clip + frame for frame in range(100, 134)]
            write_strip(root / "videos2" / f"{video}.mp4" / f"{clip:04d}.jpg", values)
    write_strip(root / "odd.mp4" / "0000.jpg", [1, 2], extra=3)
    write_strip(root / "odd.mp4" / "0001.jpg", [1])
    (root / "odd.mp4" / "0002.jpg").write_bytes(html)
    return root


def build(beach, tmp_path, **options):
    data_dir = str(tmp_path / "built")
    scan = data.build("tiny_videos", source=str(beach), data_dir=data_dir, **options)
    splits = [
        data.source("tiny_videos", split=split, size=8, frames=32, data_dir=data_dir)
        for split in ("train", "test")
    ]
    return scan, *splits


def test_strips(beach, tmp_path, values):
    scan, train, test = build(beach, tmp_path)
    assert len(train) + len(test) == 24
    assert values(train[0]["clip"]) == list(range(100, 132))
    assert values(train[1]["clip"]) == list(range(110, 142))
    reasons = [item.reason for item in scan.left_out if not item.path.startswith("odd")]
    assert reasons[0] == "not a strip of square frames: 16 x 35 pixels"
    assert reasons[1] == "not a strip of square frames: 16 x 16 pixels"
    assert reasons[2].startswith("an HTML page, not a JPEG")
    assert scan.found["train"]["frames"] + scan.found["test"]["frames"] == 24 * 34


def test_stored_as_found(beach, tmp_path):
    build(beach, tmp_path)
    original = (beach / "videos2" / "0.mp4" / "0000.jpg").read_bytes()
    clip = data.source(
        "tiny_videos", split="train", size=16, frames=34, data_dir=str(tmp_path / "built")
    )[0]["clip"]
    strip = np.asarray(Image.open(io.BytesIO(original)))
    np.testing.assert_array_equal(clip.reshape(-1, 16, 3), strip)


def test_videos_are_never_in_both_splits(beach, tmp_path):
    _, train, test = build(beach, tmp_path)
    videos = [{split[i]["video"] for i in range(len(split))} for split in (train, test)]
    assert not videos[0] & videos[1]
    assert len(videos[0] | videos[1]) == 12
    assert all(video.startswith("videos2/") for video in videos[0])


def test_seed_changes_the_split(beach):
    splits = {
        tuple(item.split for item in tiny_videos.list_shots(str(beach), list_file=None, seed=seed))
        for seed in range(4)
    }
    assert len(splits) > 1


def test_list_file(beach, tmp_path):
    names = ["videos2/3.mp4/0001.jpg", "videos2/4.mp4/0000.jpg", "videos2/gone.mp4/0000.jpg"]
    list_file = tmp_path / "beach.txt"
    list_file.write_text("\n".join(names) + "\n")
    scan, train, test = build(beach, tmp_path, list_file=str(list_file))
    assert len(train) + len(test) == 2
    assert [item.reason for item in scan.left_out] == ["listed, but not there"]
    verified = data.verify("tiny_videos", source=str(beach), list_file=str(list_file))
    assert verified.to_json() == scan.to_json()


def test_missing_list_file(beach):
    with pytest.raises(FileNotFoundError, match=r"gone\.txt does not exist\. Expected a text file"):
        data.verify("tiny_videos", source=str(beach), list_file=str(beach / "gone.txt"))


def test_no_strips(tmp_path):
    with pytest.raises(ValueError, match=r"has no JPEG file\. Expected the folder with the tiny"):
        data.verify("tiny_videos", source=str(tmp_path))
