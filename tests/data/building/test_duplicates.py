"""The same bytes under other names are found, and are never in both splits."""

import hashlib

import pytest

from ssagan_jax.data.building import duplicates


@pytest.fixture
def files(tmp_path):
    contents = {
        "a": b"x" * 9000,
        "b": b"x" * 9000,
        "c": b"x" * 4500 + b"y" + b"x" * 4499,
        "d": b"d",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: (1, [tmp_path / name]) for name in contents}


def test_files_of_the_same_bytes(files, tmp_path):
    empty = [tmp_path / "e", tmp_path / "f"]
    for path in empty:
        path.touch()
    files |= {"e": (1, [empty[0]]), "f": (1, [empty[1]]), "gone": (1, [tmp_path / "gone"])}
    assert duplicates.same_content(files) == [["a", "b"]]


def test_whole_files_are_read_only_where_sizes_and_ends_are_the_same(files, monkeypatch):
    read = []
    digest = hashlib.file_digest
    monkeypatch.setattr(
        hashlib, "file_digest", lambda file, kind: read.append(file.name) or digest(file, kind)
    )
    files["d"][1][0].write_bytes(b"y" + b"x" * 8999)
    duplicates.same_content(files)
    assert sorted(name[-1] for name in read) == ["a", "b", "c"]


def test_folders_of_frames_are_known_by_three_and_their_number(tmp_path):
    items = {}
    for folder, frames in {"a": "12345", "b": "12345", "c": "1234", "d": "12945"}.items():
        (tmp_path / folder).mkdir()
        paths = [tmp_path / folder / f"{index}.jpg" for index in range(len(frames))]
        for path, content in zip(paths, frames, strict=True):
            path.write_text(content)
        items[folder] = duplicates.known_by(paths)
    assert [path.name for path in items["a"][1]] == ["0.jpg", "2.jpg", "4.jpg"]
    assert duplicates.same_content(items) == [["a", "b"]]
    assert duplicates.known_by(paths[:1]) == (1, paths[:1])


def test_groups_that_overlap_are_one():
    joined = duplicates.join([["b", "a"], ["c", "d"], ["d", "b"]])
    assert joined == dict.fromkeys("abcd", "a")


def test_videos_that_share_a_strip_are_split_as_one(files):
    video_of = {"a": "one", "b": "two", "c": "two", "d": "three"}
    same, notes = duplicates.settle_hashed(files, video_of)
    assert same == {"one": "one", "two": "one"}
    assert [(note.path, note.reason, note.kept) for note in notes] == [
        ("b", "the same content as a: kept in one split", True)
    ]


def test_test_keeps_what_is_in_both_given_splits(files):
    videos = {"a": "v", "b": "w", "c": "x", "d": "v"}
    splits = {"a": "train", "b": "test", "c": "train", "d": "train"}
    stay, notes = duplicates.settle_given(files, videos, splits)
    assert stay == ["b", "c"]  # all of the video v is out
    reason = "the same content as w in test, which keeps it: not for training"
    assert [(note.path, note.reason, note.kept) for note in notes] == [
        ("a", reason, False),
        ("d", reason, False),
    ]


def test_what_is_twice_in_one_split_is_said(files):
    videos, splits = {name: name for name in files}, dict.fromkeys(files, "train")
    stay, notes = duplicates.settle_given(files, videos, splits)
    assert stay == list(files)
    assert [(note.path, note.reason, note.kept) for note in notes] == [
        ("b", "the same content as a", True)
    ]
