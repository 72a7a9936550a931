"""Building: what is on disk after success, failure and interruption; and files as a source."""

import subprocess
import sys

import pytest

from ssagan_jax import data
from ssagan_jax.data.building import records
from ssagan_jax.data.building.shots import Shot


def test_never_overwrites(sky_folder, tmp_path):
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    with pytest.raises(FileExistsError, match=r"already built in .* delete that folder first"):
        data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))


def test_full_disk_leaves_nothing_that_reads_as_complete(sky_folder, tmp_path):
    program = f"""
import resource, signal
import tensorflow_datasets
from ssagan_jax import data
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
data.build("sky", source={str(sky_folder)!r}, data_dir={str(tmp_path)!r})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert 'OSError: Writing the data set "sky"' in done.stderr
    assert "nothing of it was kept" in done.stderr
    assert not list((tmp_path / "ssagan_sky").iterdir())
    with pytest.raises(FileNotFoundError, match="is not built"):
        data.source("sky", split="train", size=8, frames=2, data_dir=str(tmp_path))


def test_interruption_leaves_nothing_that_reads_as_complete(grey_jpeg, tmp_path):
    def interrupted():
        yield grey_jpeg(1)
        yield grey_jpeg(2)
        raise KeyboardInterrupt

    shots = [
        Shot("a", "a", "train", lambda: iter([grey_jpeg(1), grey_jpeg(2)])),
        Shot("b", "b", "train", interrupted),
    ]
    with pytest.raises(KeyboardInterrupt):
        records.write_dataset(shots, dataset="sky", source="x", data_dir=str(tmp_path))
    assert not list((tmp_path / "ssagan_sky").iterdir())


def test_lost_records_are_noticed(sky_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(records, "open_records", lambda folder, split: [])
    with pytest.raises(OSError, match="7 records of train were written, 0 are there"):
        data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))


def test_readable_by_tfds_alone(sky_folder, tmp_path):
    import tensorflow_datasets as tfds

    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    builder = tfds.builder_from_directory(str(tmp_path / "ssagan_sky" / "1.0.0"))
    assert builder.name == "ssagan_sky"
    first, second = list(builder.as_data_source(split="train"))[:2]
    assert [record["shot"] for record in (first, second)] == [b"sky_train/a/a_1"] * 2
    assert [len(record["offsets"]) - 1 for record in (first, second)] == [64, 36]
    assert [record["part"] for record in (first, second)] == [0, 1]
    start, end = first["offsets"][2:4]
    original = sky_folder / "sky_train" / "a" / "a_1" / "a_frames_00000003.jpg"
    assert first["jpegs"][start:end].tobytes() == original.read_bytes()
