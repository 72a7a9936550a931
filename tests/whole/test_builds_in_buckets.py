"""Data sets built into a bucket: the same bytes as on a disk, and a build that goes on there."""

import pytest

from ssagan_jax import data
from ssagan_jax.data.building import finishing, groups, records
from ssagan_jax.io import paths
from tests.helpers import buckets
from tests.helpers.made_shots import digests, make_shot, times_read

pytestmark = buckets.emulated
FINAL = ("ssagan_sky", "1.0.0")


@pytest.fixture(scope="module")
def bucket():
    with buckets.serving() as where:
        yield where


@pytest.fixture(autouse=True)
def small_groups(monkeypatch):
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 1)


def write(shots, data_dir, **options):
    return records.write_dataset(
        shots, dataset="sky", source="x", data_dir=str(data_dir), **options
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_bytes_as_on_a_disk(tmp_path, bucket, workers):
    place = f"{bucket}/built{workers}"
    shots = [make_shot(tmp_path, name, 40) for name in "abc"]
    write(shots, tmp_path)
    write(shots, place, workers=workers)
    there = paths.path(place).joinpath(*FINAL)
    assert digests(there) == digests(tmp_path.joinpath(*FINAL))
    assert [folder.name for folder in there.parent.iterdir()] == ["1.0.0"]
    assert len(data.source("sky", split="train", size=8, frames=20, data_dir=place)) == 6
    with pytest.raises(FileExistsError, match=r"already built in gs://bucket/built"):
        write(shots, place)


def test_a_build_that_was_stopped_goes_on(tmp_path, bucket, monkeypatch):
    def stopped(*arguments):
        raise OSError("no answer")

    place, shots = f"{bucket}/stopped", [make_shot(tmp_path, name, 40) for name in "ab"]
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "_commit", stopped)
        with pytest.raises(OSError, match=r"no answer What is whole is kept in gs://bucket/stopp"):
            write(shots, place)
    with pytest.raises(FileNotFoundError, match="is not built"):
        data.source("sky", split="train", size=8, frames=20, data_dir=place)
    write(shots, place)
    assert [times_read(tmp_path, name) for name in "ab"] == [1, 1]


def test_one_build_at_a_time(tmp_path, bucket):
    place, shots = f"{bucket}/locked", [make_shot(tmp_path, "a", 40)]
    lock = paths.path(place) / FINAL[0] / "unfinished-1.0.0" / "build.lock"
    lock.write_text("process 1 on other")
    with pytest.raises(BlockingIOError, match=r"process 1 on other builds there\. If that has end"):
        write(shots, place)
    lock.unlink()
    write(shots, place)


@pytest.mark.filterwarnings("default")  # of Beam
def test_by_beam(tmp_path, bucket):
    pytest.importorskip("apache_beam", reason="needs the extra beam")
    place, shots = f"{bucket}/beam", [make_shot(tmp_path, name, 40) for name in "abc"]
    write(shots, tmp_path)
    write(shots, place, runner="DirectRunner")
    assert digests(paths.path(place).joinpath(*FINAL)) == digests(tmp_path.joinpath(*FINAL))
