"""Folders that are none, and the split by a hash."""

import os

import pytest

from ssagan_jax.data.building import files
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


def test_source_is_a_pipe_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match=r"pipe is a pipe, not a file\. Expected the folder unp"):
        sky.list_shots(str(tmp_path / "pipe"))


def test_split_by_hash():
    videos = [str(number) for number in range(2000)]
    splits = files.split_by_hash(videos, seed=0)
    assert 0.08 < sum(split == "test" for split in splits.values()) / 2000 < 0.12
    fewer = files.split_by_hash(videos[:1000], seed=0)
    assert all(splits[video] == fewer[video] for video in fewer)
    assert {files.split_by_hash(["a"], seed=seed)["a"] for seed in range(30)} == {"train"}
    for seed in range(200):  # in some of which both hashes are below the share of "test"
        assert sorted(files.split_by_hash(["a", "b"], seed=seed).values()) == ["test", "train"]


def test_the_same_content_is_split_as_one():
    same = {str(number): "first" for number in range(50)}
    videos = [*same, "other"]
    splits = files.split_by_hash(videos, seed=0, same=same)
    assert len({splits[video] for video in same}) == 1
    assert {splits["0"], splits["other"]} == {"train", "test"}
