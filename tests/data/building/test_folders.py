"""Where a built data set is, and that damage to it is found."""

import shutil

import pytest

from ssagan_jax import data
from ssagan_jax.data.building import folders
from ssagan_jax.io.sealed_json import DamagedFile
from tests.helpers.flips import flip_bit


def test_default_folder_is_that_of_tfds(monkeypatch, tmp_path):
    import tensorflow_datasets as tfds

    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    assert folders.dataset_folder("sky", None) == tmp_path / "ssagan_sky" / "1.0.0"


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


def test_contents_are_the_same_wherever_they_lie(sky_folder, tmp_path):
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path / "a"))
    one, copy = tmp_path / "a" / "ssagan_sky" / "1.0.0", tmp_path / "copy"
    shutil.copytree(one, copy)
    assert folders.contents(one) == folders.contents(copy)
    for folder in (one, copy):  # as of an earlier version
        (folder / "manifest.json").unlink()
    assert folders.contents(one) == folders.contents(copy)
    shard = next(copy.glob("*train.array_record*"))
    shard.write_bytes(shard.read_bytes() + b"\0")
    assert folders.contents(one) != folders.contents(copy)


def test_what_only_the_other_split_lacks_is_no_fault(sky_folder, tmp_path):
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    next(tmp_path.rglob("*test.array_record*")).unlink()
    data.source("sky", split="train", size=8, frames=2, data_dir=str(tmp_path))
    with pytest.raises(DamagedFile, match=r"test\.array_record-00000 is missing"):
        data.source("sky", split="test", size=8, frames=2, data_dir=str(tmp_path))


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
