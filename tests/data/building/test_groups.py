"""Groups of shots: their size is guessed from files; their fingerprint is of all they depend on."""

import os
from functools import partial
from pathlib import Path

import pytest

from ssagan_jax.data.building import groups
from ssagan_jax.data.building.groups import fingerprint, plan_groups, sources
from ssagan_jax.data.building.shots import Shot
from tests.helpers.made_shots import make_shot, read_file


def ids(planned):
    return [(group.number, group.split, [shot.id for shot in group.shots]) for group in planned]


def test_groups_are_of_neighbours_of_one_split(tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 2)
    splits = {"a": "train", "b": "test", "c": "train", "d": "train"}
    shots = [make_shot(tmp_path, name, split=split) for name, split in splits.items()]
    planned = plan_groups(shots)
    assert ids(planned) == [(0, "train", ["a", "c"]), (1, "train", ["d"]), (2, "test", ["b"])]
    assert plan_groups([]) == []


def test_folders_count_by_files_and_videos_by_size(tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "BYTES_PER_RECORD", 10)
    monkeypatch.setattr(groups, "FRAMES_PER_RECORD", 1)
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 6)
    (tmp_path / "frames").mkdir()
    for number in range(4):
        (tmp_path / "frames" / f"{number}.jpg").touch()
    folder = Shot("folder", "f", "train", partial(read_file, tmp_path / "frames"))
    listed = [tmp_path / "frames" / f"{number}.jpg" for number in range(4)]
    files = Shot("files", "f", "train", partial(read_file, listed))
    video = make_shot(tmp_path, "video", 30)
    assert ids(plan_groups([folder, video])) == [(0, "train", ["folder"]), (1, "train", ["video"])]
    assert ids(plan_groups([files, video])) == [(0, "train", ["files"]), (1, "train", ["video"])]
    stretches = [Shot(f"s{n}", "v", "train", partial(read_file, *video.frames.args)) for n in "12"]
    assert len(plan_groups([folder, stretches[0]])) == 2  # 4 + 3
    assert len(plan_groups([folder, *stretches])) == 2  # 4 + 1.5, 1.5


def test_sources_are_the_paths_among_the_arguments(tmp_path):
    shot = Shot("a", "a", "train", partial(read_file, [Path("x"), (Path("y"),)], fault=Path("z")))
    assert sources(shot) == [Path("x"), Path("y"), Path("z")]
    assert sources(Shot("a", "a", "train", lambda: iter([]))) == []


@pytest.fixture
def digest(tmp_path):
    """The fingerprint of a shot of a file and a folder, and of its changes."""
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "1.jpg").write_bytes(b"1")

    def of(name="a", fault=None):
        made = make_shot(tmp_path, "a")
        call = partial(read_file, [*made.frames.args[:1], tmp_path / "frames"], fault=fault)
        return fingerprint(plan_groups([Shot(name, "a", "train", call)])[0])

    return of


@pytest.mark.parametrize("change", ["id", "option", "bytes", "time", "new file", "library"])
def test_fingerprint_changes_with_all_it_depends_on(digest, tmp_path, change, monkeypatch):
    before = digest()
    assert before == digest() and len(before) == 64
    frame = tmp_path / "frames" / "1.jpg"
    if change == "bytes":
        frame.write_bytes(b"12")
    if change == "time":
        os.utime(frame, ns=(1, 1))
    if change == "new file":
        (tmp_path / "frames" / "2.jpg").touch()
    if change == "library":
        monkeypatch.setattr(groups, "version", lambda name: "0")
    options = {"id": {"name": "b"}, "option": {"fault": "raises"}}
    assert digest(**options.get(change, {})) != before


def test_what_does_not_say_what_it_reads_has_none():
    shots = [Shot("a", "a", "train", lambda: iter([]))]
    assert fingerprint(plan_groups(shots)[0]) is None
