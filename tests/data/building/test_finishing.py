"""From groups to a data set: names, what is removed, and a stop in the middle."""

import json
import os

import pytest

from ssagan_jax.data.building import finishing, groups
from ssagan_jax.data.building.progress import silent
from ssagan_jax.data.building.scan import Scan, Skipped
from ssagan_jax.data.building.shards import write_group
from ssagan_jax.io import manifests
from tests.helpers.made_shots import make_shot, times_read

FRAMES = {"a": 70, "b": 2, "c": 1, "d": 65, "e": 3}


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """A group for each shot, the last of the split "test"; all written."""
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 1)
    shots = [
        make_shot(tmp_path, name, frames, split="test" if name == "e" else "train")
        for name, frames in FRAMES.items()
    ]
    made = groups.plan_groups(shots)
    write_all(made, tmp_path)
    return made


def write_all(made, tmp_path):
    for group in made:
        write_group(group, silent, folder=str(tmp_path / "unfinished"))


def finish(made, tmp_path):
    scan = Scan("sky", str(tmp_path))
    finishing.finish(made, tmp_path / "unfinished", tmp_path / "target", scan)
    return scan


def test_table_and_names(planned, tmp_path):
    (tmp_path / "unfinished" / "group-00000-00001.array_record").touch()  # of another source
    scan = finish(planned, tmp_path)
    assert {file.name for file in (tmp_path / "target").iterdir()} == {
        *(f"ssagan_sky-train.array_record-0000{number}" for number in range(3)),
        "ssagan_sky-test.array_record-00000",
        *("dataset_info.json", "features.json", "shots.json", "report.json", "manifest.json"),
    }
    assert not manifests.find_faults(tmp_path / "target")
    table = json.loads((tmp_path / "target" / "shots.json").read_text())
    assert table["train"]["shot"] == ["a", "b", "d"] and table["test"]["shot"] == ["e"]
    assert table["train"]["record"] == [0, 2, 3] and table["test"]["record"] == [0]
    assert scan.found["train"]["frames"] == 137


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_report_does_not_say_where(planned, tmp_path, monkeypatch, slash):
    monkeypatch.chdir(tmp_path)
    scan = Scan("sky", f"x{slash}")
    for path, reason in [("x/x/1", "the same as x/2"), ("x", "x/3 (x/4): no sky/x/ of x")]:
        scan.skipped.append(Skipped(path, reason))
    finishing.finish(planned, tmp_path / "unfinished", tmp_path / "target", scan)
    report = json.loads((tmp_path / "target" / "report.json").read_text())
    found = [(entry["path"], entry["reason"]) for entry in report["skipped"][:2]]
    assert found == [("x/1", "the same as 2"), (".", "3 (4): no sky/x/ of x")]
    assert "source" not in report


def test_a_stop_in_the_renaming_loses_nothing(planned, tmp_path, monkeypatch):
    def stopped(*arguments):
        raise OSError("no space")

    monkeypatch.setattr(manifests, "write_entries", stopped)
    with pytest.raises(OSError, match="no space"):
        finish(planned, tmp_path)
    monkeypatch.undo()
    assert not (tmp_path / "target").exists()
    finishing.prepare(tmp_path / "unfinished", planned, "sky")
    write_all(planned, tmp_path)
    assert {times_read(tmp_path, name) for name in FRAMES} == {1}
    finish(planned, tmp_path)
    assert not manifests.find_faults(tmp_path / "target")


def test_what_is_left_by_others_is_removed(planned, tmp_path):
    folder = tmp_path / "unfinished"
    used = {file.name for file in folder.iterdir()}
    for name in ("group-00009.json", "group-00009-00000.array_record", ".1.partial", "shots.json"):
        (folder / name).touch()
    finishing.prepare(folder, planned, "sky")
    assert {file.name for file in folder.iterdir()} == used


def test_nothing_usable_leaves_no_folder(tmp_path):
    made = groups.plan_groups([make_shot(tmp_path, "a", 1)])
    write_all(made, tmp_path)
    message = r'No usable shot for the data set "sky" in .*: 2\. .*a\.bin: an end; a: fewer than 2'
    with pytest.raises(ValueError, match=message):
        finish(made, tmp_path)
    assert not (tmp_path / "unfinished").exists() and os.listdir(tmp_path)
