"""Shards of a group: their bytes, their sizes, and which of them are kept."""

import numpy as np
import pytest

from ssagan_jax.data.building import shards
from ssagan_jax.data.building.groups import plan_groups
from ssagan_jax.data.building.progress import silent
from ssagan_jax.io.sealed_json import DamagedFile
from tests.helpers.flips import flip_bit
from tests.helpers.made_shots import digests, make_shot, times_read


@pytest.fixture
def write(tmp_path):
    """Writes shots as one group; returns its note."""

    def write(*shots, report=silent):
        [group] = plan_groups(shots)
        shards.write_group(group, report, folder=str(tmp_path / "out"))
        return shards.read_note(tmp_path / "out", 0)

    return write


def test_note_of_a_group(tmp_path, write):
    note = write(*[make_shot(tmp_path, name, n) for name, n in [("a", 70), ("b", 1), ("c", 33)]])
    assert [row["shot"] for row in note["rows"]] == ["a", "c"]
    assert [(row["frames"], row["record"], row["per_record"]) for row in note["rows"]] == [
        (70, 0, 64),
        (33, 2, 64),
    ]
    [shard] = note["shards"]
    assert shard["records"] == 3 and note["split"] == "train"
    assert [outcome.frames for outcome in note["outcomes"]] == [70, 1, 33]
    assert [item.reason for item in note["outcomes"][1].skipped][-1] == "fewer than 2 usable frames"
    assert (tmp_path / "out" / shards.shard_name(0, 0)).stat().st_size == shard["size"]


@pytest.mark.parametrize("limit", ["RECORDS_PER_SHARD", "BYTES_PER_SHARD"])
def test_shards_are_of_limited_size(tmp_path, write, limit, monkeypatch):
    monkeypatch.setattr(shards, limit, 2 if limit == "RECORDS_PER_SHARD" else 50_000)
    note = write(make_shot(tmp_path, "a", 5 * 64))
    assert [shard["records"] for shard in note["shards"]] == [2, 2, 1]
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_a_group_without_records_has_no_shard(tmp_path, write):
    note = write(make_shot(tmp_path, "a", 1))
    assert not note["shards"] and not note["rows"] and len(note["outcomes"]) == 1


def test_a_whole_group_is_kept(tmp_path, write):
    events = []
    shot = make_shot(tmp_path, "a", 3)
    first = write(shot)
    assert write(shot, report=lambda *event: events.append(event)) == first
    assert times_read(tmp_path, "a") == 1 and events == [("kept", 1)]


@pytest.mark.parametrize("change", ["source", "bit", "shorter", "no shard", "note", "no note"])
def test_what_changed_is_made_anew(tmp_path, write, change):
    shot = make_shot(tmp_path, "a", 3)
    write(shot)
    before = digests(tmp_path / "out")
    shard, note = (
        tmp_path / "out" / name for name in (shards.shard_name(0, 0), "group-00000.json")
    )
    match change:
        case "source":
            (tmp_path / "a.bin").write_bytes(b"xxxx")
        case "bit":
            flip_bit(shard, 8 * 100)
        case "shorter":
            shard.write_bytes(shard.read_bytes()[:-1])
        case "note":
            note.write_text(note.read_text()[:-9])
        case _:
            (shard if change == "no shard" else note).unlink()
    write(shot)
    assert times_read(tmp_path, "a") == 2
    assert (digests(tmp_path / "out") == before) == (change != "source")


def test_a_failed_shot_leaves_no_shard(tmp_path, write):
    with pytest.raises(ValueError, match="Reading the shot a failed: KeyError"):
        write(make_shot(tmp_path, "a", 200, fault="raises"))
    assert not list((tmp_path / "out").iterdir())


def test_lost_records_are_noticed(tmp_path, write, monkeypatch):
    from array_record.python import array_record_module

    class Empty(array_record_module.ArrayRecordReader):
        def num_records(self):
            return 0

    monkeypatch.setattr(array_record_module, "ArrayRecordReader", Empty)
    with pytest.raises(OSError, match="1 records were written, 0 are there"):
        write(make_shot(tmp_path, "a", 3))


def test_a_note_of_another_hand_is_damaged(tmp_path, write):
    write(make_shot(tmp_path, "a", 3))
    flip_bit(tmp_path / "out" / "group-00000.json", 8 * 40)
    with pytest.raises(DamagedFile, match=r"group-00000\.json is damaged"):
        shards.read_note(tmp_path / "out", 0)


def test_records_are_the_same_bytes_whatever_the_order_of_fields():
    record = {"shot": "a", "video": "a", "part": 0, "tiles": 1, "jpegs": b"", "offsets": []}
    record |= {"jpegs": np.arange(3, dtype=np.uint8), "offsets": np.arange(2)}
    made = shards.record_serializer()(record)
    places = [made.index(name.encode()) for name in sorted(record)]
    assert places == sorted(places)
