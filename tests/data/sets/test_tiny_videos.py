import io

import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data
from ssagan_jax.data.building.shots import Shot
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
            values = [10 * clip + frame for frame in range(100 + video, 134 + video)]
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
    video = int(train[0]["video"].removeprefix("videos2/").removesuffix(".mp4"))
    assert values(train[0]["clip"]) == list(range(100 + video, 132 + video))
    assert values(train[1]["clip"]) == list(range(110 + video, 142 + video))
    reasons = [item.reason for item in scan.left_out if not item.path.startswith("odd")]
    assert reasons[0] == "not a strip of square frames: 16 x 16 pixels"
    assert reasons[1].startswith("an HTML page, not a picture")
    (uneven,) = (item.reason for item in scan.odd if "odd height" in item.reason)
    assert uneven == "odd height: 16 x 35 pixels, the lowest 3 unused"
    assert scan.found["train"]["frames"] + scan.found["test"]["frames"] == 24 * 34 + 2


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
        tuple(
            item.split
            for item in tiny_videos.list_shots(str(beach), seed=seed)
            if isinstance(item, Shot)
        )
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
    with pytest.raises(ValueError, match=r"has no picture\. Expected the folder with the tiny"):
        data.verify("tiny_videos", source=str(tmp_path))


@pytest.mark.parametrize("suffix", ["JPG", "jpeg", "png", "JPE"])
def test_strips_with_other_endings_are_not_missed(tmp_path, suffix):
    write_strip(tmp_path / "a.mp4" / "0000.jpg", [1, 2])
    write_strip(tmp_path / "a.mp4" / f"0001.{suffix}", [3, 4])
    scan = data.verify("tiny_videos", source=str(tmp_path))
    assert scan.found["train"]["shots"] == 2
    assert len(scan.converted) == (suffix == "png")


@pytest.mark.parametrize(("short", "end"), [("repeat", 129), ("black", 0)])
def test_short_strips_are_lengthened_on_demand(tmp_path, values, short, end):
    write_strip(tmp_path / "in" / "a.mp4" / "0000.jpg", range(100, 130), extra=5)
    built = str(tmp_path / "built")
    scan = data.build("tiny_videos", source=str(tmp_path / "in"), data_dir=built, short=short)
    clips = data.source("tiny_videos", split="train", size=16, frames=32, data_dir=built)
    np.testing.assert_allclose(values(clips[0]["clip"]), [*range(100, 130), end, end], atol=1)
    assert f"has 30 frames, made 32 ({short})" in scan.converted[0].reason


def test_the_split_of_the_authors(tmp_path):
    for number in range(30):
        write_strip(tmp_path / f"{number // 4}.mp4" / f"{number:04d}.jpg", [number, 0])
    lines = [f"{number // 4}.mp4/{number:04d}.jpg" for number in reversed(range(30))]
    (tmp_path / "list.txt").write_text("\n".join(lines))
    options = {"list_file": str(tmp_path / "list.txt"), "split": "authors"}
    items = tiny_videos.list_shots(str(tmp_path), **options)
    splits = [(item.id, item.split) for item in items if isinstance(item, Shot)]
    assert splits == [*((n, "train") for n in lines[:3]), *((n, "test") for n in lines[3:6])]
    left, both = items[:2]
    assert list(left.files) == lines[6:] and not left.kept
    assert (both.path, both.reason, both.kept) == ("6.mp4", "in both splits", True)


def test_what_becomes_of_short_strips_is_one_of_three(tmp_path):
    with pytest.raises(ValueError, match='short is "cut"; expected one of drop, repeat, black'):
        data.verify("tiny_videos", source=str(tmp_path), short="cut")
    with pytest.raises(ValueError, match='split is "list"; expected one of hash, authors'):
        data.verify("tiny_videos", source=str(tmp_path), split="list")


def test_the_same_strip_in_two_videos_keeps_them_in_one_split(tmp_path):
    for number in range(10):
        write_strip(tmp_path / f"{number}.mp4" / "0000.jpg", [number, number])
        write_strip(tmp_path / f"copy of {number}.mp4" / "0007.jpg", [number, number])
    for seed in range(3):
        items = tiny_videos.list_shots(str(tmp_path), seed=seed)
        splits = {item.video: item.split for item in items if isinstance(item, Shot)}
        assert set(splits.values()) == {"train", "test"}
        assert all(splits[f"{n}.mp4"] == splits[f"copy of {n}.mp4"] for n in range(10))
