"""Data sets in a bucket, of an emulator on this machine: read in place or through a cache."""

import http.server
import io
import shutil
import threading

import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data
from ssagan_jax.cli import STOPPED, main
from ssagan_jax.data import pipeline
from ssagan_jax.io import paths
from ssagan_jax.io.sealed_json import DamagedFile
from tests.data.building.test_folders import flip_in_records
from tests.helpers.buckets import emulated, serving
from tests.helpers.launches import launch
from tests.whole.test_buckets import Refusal, arrays, copied
from tests.whole.test_multi_process import rows

KIND = {"size": 16, "frames": 8}
BUILT = "ssagan_sky/1.0.0"
SHARD = "ssagan_sky-train.array_record-00000"


@pytest.fixture(scope="module")
def bucket():
    with serving() as bucket:
        yield bucket


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """The data_dir of a built data set: shots of noise, each frame another one."""
    folder, draw = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for split, videos in (("sky_train", "abc"), ("sky_test", "t")):
        for video in videos:
            shot = folder / "original" / split / video / f"{video}_1"
            shot.mkdir(parents=True)
            for number in range(40):
                noise = draw.integers(0, 256, (18, 32, 3), np.uint8)
                Image.fromarray(noise).save(shot / f"{video}_frames_{number:08d}.jpg")
    data.build("sky", source=str(folder / "original"), data_dir=str(folder / "built"))
    return folder / "built"


@pytest.fixture
def there(bucket, disk, request):
    """The same in the bucket, a copy for each test."""
    place = paths.path(f"{bucket}/{request.node.name.partition('[')[0]}")
    copied(disk, place)
    return place


def opened(data_dir, split="train", **options):
    return data.source("sky", split=split, data_dir=str(data_dir), **KIND, **options)


@emulated
@pytest.mark.parametrize("cached", [False, True])
def test_a_run_goes_on_in_mid_epoch_with_the_same_bits(there, disk, tmp_path, cached):
    cache = str(tmp_path / "cache") if cached else None

    def batches(source):
        return pipeline.train_batches(source, batch_size=4, seed=1, flip=True)

    local, position = batches(opened(disk)), None
    expected = [next(local)["clip"] for _ in range(6)]
    for batch in expected:  # opened anew for each of them
        iterator = batches(opened(there, cache=cache))
        if position:
            iterator.set_state(position)
        np.testing.assert_array_equal(next(iterator)["clip"], batch)
        position = iterator.get_state()
    assert opened(there).contents() == opened(disk).contents()


@emulated
def test_verify_reads_every_file(there, disk, capsys):
    command = ["data", "verify", "sky", f"--data-dir={there}"]
    assert main.main(command) == 0
    assert f"{there}/{BUILT} is whole" in capsys.readouterr().out
    damage(there, disk)
    assert main.main(command) == 1
    assert f"{SHARD}: its SHA-256 is" in capsys.readouterr().err


def damage(there, disk):
    """Turns a bit over in a shard of the bucket."""
    local = disk.parent / "damaged"
    shutil.copytree(disk / BUILT, local, dirs_exist_ok=True)
    (there / BUILT / SHARD).write_bytes(flip_in_records(local).read_bytes())


@emulated
def test_a_shard_that_is_missing(there, tmp_path):
    clips = opened(there)
    (there / BUILT / SHARD).unlink()
    with pytest.raises(DamagedFile, match=rf"{BUILT} is damaged: {SHARD} is missing"):
        opened(there)
    with pytest.raises(OSError, match=rf"Copying {there}/{BUILT} to .* failed: .*{SHARD}"):
        opened(there, cache=str(tmp_path))
    with pytest.raises(OSError, match=r"record 0 of the split train cannot be read: .* 404"):
        clips[0]


@emulated
def test_a_shard_that_changed(there, disk, tmp_path):
    clips = opened(there)
    damage(there, disk)
    with pytest.raises(DamagedFile, match=rf"record \d .* damaged\. .* --data-dir={there}$"):
        list(map(clips.__getitem__, range(len(clips))))
    with pytest.raises(DamagedFile, match=rf"{SHARD} is not the file that was built"):
        opened(there, cache=str(tmp_path))


@emulated
def test_refused_credentials(there, monkeypatch):
    clips = opened(there)
    with http.server.HTTPServer(("127.0.0.1", 0), Refusal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", address)
        with pytest.raises(OSError, match=r"cannot be read: .*Storage Object Viewer"):
            clips[0]
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        paths._reach.cache_clear()
        with pytest.raises(PermissionError, match=r"403 .*It needs storage\.objects\.get and list"):
            opened(there)
        server.shutdown()
    paths._reach.cache_clear()


@emulated
def test_what_is_not_built_there(bucket):
    message = rf'The data set "sky" is not built in {bucket}/nowhere\. Build it with: .*gs://'
    with pytest.raises(FileNotFoundError, match=message):
        opened(f"{bucket}/nowhere")


@emulated
def test_winds_are_kept_in_the_bucket(there, disk):
    found = opened(there, wind=True)[3]["wind"]
    assert (there / BUILT / "winds_train.npy").exists()
    np.testing.assert_array_equal(found, opened(there, wind=True)[3]["wind"])
    copied(disk, disk.parent / "windy")
    np.testing.assert_array_equal(found, opened(disk.parent / "windy", wind=True)[3]["wind"])


@emulated
def test_winds_of_a_bucket_that_is_only_read(there, monkeypatch, tmp_path, capsys):
    plain = paths.put

    def refuse(file, target):
        if paths.is_bucket(target):
            raise OSError("403")
        plain(file, target)

    monkeypatch.setattr(paths, "put", refuse)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    opened(there, wind=True)
    assert "note: the winds are kept in" in capsys.readouterr().err
    assert list(tmp_path.rglob("winds_train.npy"))


STUBS = ["--config.dataset.name=sky", "--config.batch_size=4", "--config.eval_clips=0"]


def run(workdir, data_dir, *options):
    """Two processes, stopped after two steps, and two that go on."""
    after = [*STUBS, f"--config.dataset.data_dir={data_dir}", *options]
    stopped = launch(2, workdir, after=after, before=["--at=step:2,1,TERM"])
    assert [status for status, *_ in stopped] == [STOPPED, STOPPED], stopped
    finished = launch(2, workdir, after=after)
    assert not any(status for status, *_ in finished), finished
    return paths.path(workdir)


@pytest.fixture(scope="module")
def local(disk, tmp_path_factory):
    return run(tmp_path_factory.mktemp("run"), disk)


@emulated
@pytest.mark.slow
@pytest.mark.parametrize("cached", [False, True])
def test_two_processes_stopped_and_gone_on_equal_those_of_a_disk(there, local, tmp_path, cached):
    cache = [f"--config.dataset.cache={tmp_path / 'cache'}"] if cached else []
    away = run(f"{there}/run{cached:d}", there, *cache)
    assert rows(away) == rows(local)
    for one, other in zip(arrays(away), arrays(local), strict=True):
        np.testing.assert_array_equal(one, other)
    assert bool(list(tmp_path.glob("cache/*/ssagan_sky/1.0.0/*train*"))) == cached


@pytest.mark.slow
def test_processes_that_read_other_clips_are_refused(disk, tmp_path):
    """The folder has the same name, the clips have the same names, and there are as many."""
    original = disk.parent / "original"
    shutil.copytree(original, tmp_path / "original")
    first = next((tmp_path / "original").rglob("a_frames_00000003.jpg"))
    picture = io.BytesIO(first.read_bytes())
    Image.open(picture).transpose(Image.Transpose.ROTATE_180).save(first)
    data.build("sky", source=str(tmp_path / "original"), data_dir=str(tmp_path / "other"))
    env = {0: {"TFDS_DATA_DIR": str(disk)}, 1: {"TFDS_DATA_DIR": str(tmp_path / "other")}}
    found = launch(2, tmp_path / "run", after=STUBS, env=env)
    assert [status for status, *_ in found] == [1, 1]
    for _, _, errors in found:
        assert "The processes do not agree:" in errors and "train contents: " in errors
        assert "train clips" not in errors
    assert not (tmp_path / "run" / "config.json").exists()
