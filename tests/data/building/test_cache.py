"""Copies of built data sets; from a bucket: whole/test_data_in_buckets."""

import json
import shutil
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ssagan_jax import data
from ssagan_jax.data.building import cache
from ssagan_jax.io.sealed_json import DamagedFile
from tests.data.building.test_folders import flip_in_records

KIND = {"size": 8, "frames": 4}


@pytest.fixture
def original(sky_folder, tmp_path):
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path / "built"))
    return tmp_path / "built" / "ssagan_sky" / "1.0.0"


@pytest.fixture
def opened(original, tmp_path):
    """Opens a split through a cache, or without one."""

    def open_split(split="train", *, cache=tmp_path / "cache", **options):
        place = {"data_dir": str(original.parent.parent), "cache": cache and str(cache)}
        return data.source("sky", split=split, **KIND, **place, **options)

    return open_split


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_clips_are_the_same_and_read_from_the_copy(original, opened, tmp_path):
    plain = opened(cache=None)
    expected = [plain[i]["clip"] for i in range(len(plain))]
    opened()
    for path in original.glob("*train.array_record*"):
        path.rename(tmp_path / path.name)
    copied = opened()
    np.testing.assert_array_equal([copied[i]["clip"] for i in range(len(copied))], expected)
    assert copied.contents() == plain.contents()


def test_only_the_splits_that_are_read_are_copied(original, opened, tmp_path):
    opened("test")
    assert not [name for name in files(tmp_path / "cache") if "train" in name]
    opened("train")
    assert files(tmp_path / "cache") == sorted(["lock", *files(original)])


def test_what_is_whole_is_not_copied_again(original, opened, tmp_path, monkeypatch):
    opened("test")
    [shard] = (tmp_path / "cache").rglob("*test.array_record*")
    before = shard.stat().st_mtime_ns
    (shard.parent / "ssagan_sky-train.array_record-00000.partial").write_text("of a killed process")
    plain, asked = cache._copy, []

    def copy(folder, copy, files, bar, name):
        asked.append(name)
        plain(folder, copy, files, bar, name)

    monkeypatch.setattr(cache, "_copy", copy)
    opened("train")
    assert asked == ["ssagan_sky-train.array_record-00000"]
    assert shard.stat().st_mtime_ns == before
    assert not list(shard.parent.glob("*.partial"))
    opened("train")
    assert len(asked) == 1


def test_a_changed_shard_is_not_copied(original, opened, tmp_path):
    flip_in_records(original)
    message = r"train\.array_record-00000 is not the file that was built: its SHA-256 is .* Copy it"
    with pytest.raises(DamagedFile, match=message):
        opened()
    assert not [name for name in files(tmp_path / "cache") if "array_record" in name]


def test_a_missing_shard(original, opened):
    next(original.glob("*train.array_record*")).unlink()
    with pytest.raises(OSError, match=r"Copying .* failed: No such file.* is kept: start again"):
        opened()


def test_a_data_set_that_changed_gets_another_copy(original, opened, sky_folder, tmp_path):
    before = opened("test").contents()
    shutil.rmtree(original)
    first = sky_folder / "sky_test" / "t" / "t_1" / "t_frames_00000001.jpg"
    first.write_bytes((first.parent / "t_frames_00000009.jpg").read_bytes())
    data.build("sky", source=str(sky_folder), data_dir=str(original.parent.parent))
    changed, plain = opened("test"), opened("test", cache=None)
    assert changed.contents() == plain.contents() != before
    np.testing.assert_array_equal(changed[0]["clip"], plain[0]["clip"])
    assert len(list((tmp_path / "cache").glob("*/ssagan_sky"))) == 2


def test_a_damaged_copy_says_so(opened, tmp_path):
    opened()
    [folder] = (tmp_path / "cache").glob("*/ssagan_sky/1.0.0")
    flip_in_records(folder)
    clips = opened()
    message = rf"record \d of the split train is damaged\. It is a copy: delete {folder}, and"
    with pytest.raises(DamagedFile, match=message):
        list(map(clips.__getitem__, range(len(clips))))


def test_a_full_disk_is_known_before_anything_is_copied(opened, monkeypatch, tmp_path):
    usage = namedtuple("usage", "free")(cache.SPARE + 10)
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match=r"0\.00 GB are still to be copied, and the disk has 0\.00"):
        opened()
    assert files(tmp_path / "cache") == ["lock"]


def test_a_place_that_cannot_be_written(opened, tmp_path):
    (tmp_path / "file").write_text("")
    message = r"failed: Not a directory\. .* choose another cache \(config\.dataset\.cache, --cache"
    with pytest.raises(OSError, match=message):
        opened(cache=tmp_path / "file")


def test_a_cache_in_a_bucket_is_refused(opened):
    with pytest.raises(ValueError, match=r"config\.dataset\.cache is gs://b/x; expected a path on"):
        opened(cache="gs://b/x")


def test_of_an_earlier_version_nothing_can_be_checked(original, opened):
    (original / "manifest.json").unlink()
    with pytest.raises(ValueError, match=r"has no manifest\.json by which copies could be checked"):
        opened()


def test_a_manifest_that_leads_elsewhere_is_refused(original, opened):
    from ssagan_jax.io.sealed_json import seal

    entry = {"size": 1, "sha256": "0"}
    content = seal({"format": 1, "files": {"../../away.json": entry}})
    (original / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(DamagedFile, match=r"manifest\.json names \.\./\.\./away\.json: expected"):
        opened()


def test_one_copies_while_the_others_wait(opened, tmp_path, monkeypatch, capfd):
    plain, asked, entered = cache._copy, [], threading.Event()

    def copy(folder, copy, files, bar, name):
        asked.append(name)
        entered.wait(5)
        plain(folder, copy, files, bar, name)

    class Waiting(cache._Waiting):
        def __call__(self):
            super().__call__()
            entered.set()

    monkeypatch.setattr(cache, "_copy", copy)
    monkeypatch.setattr(cache, "_Waiting", Waiting)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: opened("test").contents(), range(2)))
    assert found[0] == found[1] and len(asked) == len(set(asked)) == 5
    assert "Another process copies to" in capfd.readouterr().err


def test_both_splits_are_fetched_at_once(original, tmp_path):
    where = {"data_dir": str(original.parent.parent), "cache": str(tmp_path / "cache")}
    data.fill_cache("sky", **where)
    assert files(tmp_path / "cache") == sorted(["lock", *files(original)])
    data.fill_cache("synthetic", **where)
    with pytest.raises(FileNotFoundError, match=r'"tiny_videos" is not built in'):
        data.fill_cache("tiny_videos", **where)


def test_winds_are_kept_beside_the_original(original, opened):
    windy = opened(wind=True)
    assert (original / "winds_train.npy").exists()
    assert windy.contents() == opened(cache=None, wind=True).contents() != opened().contents()
