"""Building: what is on disk after success, failure and interruption; and files as a source."""

import subprocess
import sys

import pytest

from ssagan_jax import data
from ssagan_jax.data.building import records
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.io.sealed_json import DamagedFile
from tests.helpers.flips import flip_bit


def test_never_overwrites(sky_folder, tmp_path):
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    with pytest.raises(FileExistsError, match=r"already built in .* delete that folder first"):
        data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))


def test_default_folder_is_that_of_tfds(monkeypatch, tmp_path):
    import tensorflow_datasets as tfds

    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    assert records.dataset_folder("sky", None) == tmp_path / "ssagan_sky" / "1.0.0"


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


def flip_in_records(folder):
    """Turns a bit over in what the records hold: a shard begins and ends with its own index."""
    shard = next(path for path in folder.iterdir() if "train.array_record" in path.name)
    flip_bit(shard, 8 * shard.read_bytes().index(b"JFIF"))
    return shard


def test_damage_to_what_was_built_is_found(sky_folder, tmp_path):
    built = {"data_dir": str(tmp_path)}
    data.build("sky", source=str(sky_folder), **built)
    folder = tmp_path / "ssagan_sky" / "1.0.0"
    assert data.verify_built("sky", **built).startswith(f"{folder} is whole")
    shard = flip_in_records(folder)
    with pytest.raises(DamagedFile, match=rf"1\.0\.0 is damaged: {shard.name}: its SHA-256 is"):
        data.verify_built("sky", **built)
    clips = data.source("sky", split="train", size=8, frames=2, **built)  # its size is right
    with pytest.raises(DamagedFile, match=r"record \d of the split train is damaged\. Which"):
        list(map(clips.__getitem__, range(len(clips))))
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(DamagedFile, match=rf"{shard.name} has \d+ bytes, expected \d+\. Copy"):
        data.source("sky", split="train", size=8, frames=2, **built)


def test_small_files_are_checked_at_every_start(sky_folder, tmp_path):
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    folder = tmp_path / "ssagan_sky" / "1.0.0"
    flip_bit(folder / "shots.json", 100)
    with pytest.raises(DamagedFile, match=r"1\.0\.0 is damaged: shots\.json: its SHA-256"):
        data.source("sky", split="train", size=8, frames=2, data_dir=str(tmp_path))


def test_of_an_earlier_version_nothing_can_be_checked(sky_folder, tmp_path):
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    (tmp_path / "ssagan_sky" / "1.0.0" / "manifest.json").unlink()
    data.source("sky", split="train", size=8, frames=2, data_dir=str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"manifest\.json is not there: .* Build it"):
        data.verify_built("sky", data_dir=str(tmp_path))
