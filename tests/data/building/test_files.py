"""Files of a download: folders that are none, JPEGs that are none, and the split by a hash."""

from pathlib import Path

import pytest
from PIL import Image

from ssagan_jax.data.building import files
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.sets import sky


def test_source_does_not_exist(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"gone does not exist\. Expected the folder unpack"
    ):
        sky.list_shots(str(tmp_path / "gone"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html>", "is an HTML page, not an archive: Google Drive answers"),
        (b"\n<!-- x --><HTML lang=en>", "is an HTML page, not an archive"),
        (b"PK\x03\x04 zip", "is an archive. Unpack it and give the folder"),
        (b"\x1f\x8b gzip", "is an archive. Unpack it"),
        (b"\0" * 257 + b"ustar", "is an archive. Unpack it"),
        (b"other", "is a file. Expected the folder unpacked"),
    ],
)
def test_source_is_a_file(tmp_path, content, message):
    path = tmp_path / "sky_timelapse.zip"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        sky.list_shots(str(path))


def test_vanished_file_is_listed(tmp_path, grey_jpeg):
    (tmp_path / "here.jpg").write_bytes(grey_jpeg(3))
    here, gone = files.read_jpegs([tmp_path / "here.jpg", tmp_path / "gone.jpg"])
    assert here == grey_jpeg(3)
    assert gone == Skipped(str(tmp_path / "gone.jpg"), "unreadable: No such file or directory")


def test_split_by_hash():
    videos = [str(number) for number in range(2000)]
    splits = files.split_by_hash(videos, seed=0)
    assert 0.08 < sum(split == "test" for split in splits.values()) / 2000 < 0.12
    fewer = files.split_by_hash(videos[:1000], seed=0)
    assert all(splits[video] == fewer[video] for video in fewer)
    assert sorted(files.split_by_hash(["a", "b"], seed=0).values()) == ["test", "train"]
    assert files.split_by_hash(["a"], seed=0)["a"] in ("train", "test")


def test_numbers_in_names_count():
    paths = [Path(name) for name in ("frame10.jpg", "frame2.jpg", "a1b3.jpg", "a1b20.jpg")]
    names = [path.stem for path in sorted(paths, key=files.natural_order)]
    assert names == ["a1b3", "a1b20", "frame2", "frame10"]


def test_problems_of_jpegs(grey_jpeg, html):
    whole = grey_jpeg(9)
    assert files.find_problem(whole) is None
    assert files.find_problem(b"") == "empty file"
    assert files.find_problem(b"GIF89a") == "not a JPEG"
    assert files.find_problem(html).startswith("an HTML page, not a JPEG")
    assert files.find_problem(whole[: len(whole) // 2]).startswith("unreadable: ")


def test_a_jpeg_over_the_pixel_limit_is_a_problem(grey_jpeg, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert "exceeds limit of 200 pixels" in files.find_problem(grey_jpeg(1))
