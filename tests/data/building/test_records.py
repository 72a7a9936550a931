"""Building: the same bytes by any way, and what is on disk after failure and interruption."""

import shutil
import signal
import subprocess
import sys

import pytest

from ssagan_jax import data
from ssagan_jax.data.building import groups, records
from ssagan_jax.data.building.shots import ShotFailed
from tests.helpers.made_shots import digests, make_shot, times_read

FINAL = ("ssagan_sky", "1.0.0")


@pytest.fixture
def small_groups(monkeypatch):
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 2)


def write(shots, data_dir, **options):
    return records.write_dataset(
        shots, dataset="sky", source="x", data_dir=str(data_dir), **options
    )


def test_never_overwrites(tmp_path):
    write([make_shot(tmp_path, "a")], tmp_path)
    with pytest.raises(FileExistsError, match=r"already built in .* delete that folder first"):
        write([make_shot(tmp_path, "a")], tmp_path)


@pytest.mark.parametrize("options", [{"beam_options": "--a"}, {"runner": "x", "workers": 2}])
def test_ways_that_exclude_each_other(tmp_path, options):
    with pytest.raises(ValueError, match="by workers, or by a runner of Apache Beam and its own"):
        write([], tmp_path, **options)


def test_any_way_gives_the_same_bytes(sky_folder, tmp_path, small_groups, monkeypatch):
    """Serial, parallel, in another process (of other hashes), of a copy at another place."""
    build = "from ssagan_jax import data; from ssagan_jax.data.building import groups; "
    build += "groups.RECORDS_PER_GROUP = 2; "
    build += f"data.build('sky', source={str(sky_folder)!r}, data_dir={str(tmp_path / '1')!r})"
    subprocess.run([sys.executable, "-c", build], check=True)
    data.build("sky", source=str(sky_folder), data_dir=str(tmp_path / "2"), workers=2)
    shutil.copytree(sky_folder, tmp_path / "copy")
    monkeypatch.chdir(tmp_path)
    data.build("sky", source="copy/", data_dir="3")
    one, two, three = (digests(tmp_path.joinpath(number, *FINAL)) for number in "123")
    assert one == two == three
    assert len([name for name in one if "train" in name]) == 4


ABRUPT = """
import resource, signal
from pathlib import Path
from tests.data.building.test_records import make_shot, write
from ssagan_jax.data.building import groups
groups.RECORDS_PER_GROUP = 1
folder = Path({folder!r})
def limit():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (140_000, 140_000))
{start}
write([make_shot(folder, "a"), make_shot(folder, "b", 400, fault={fault!r})], folder)
"""


@pytest.mark.parametrize(("start", "fault"), [("limit()", None), ("", "killed")])
def test_a_full_disk_or_a_kill_leaves_what_goes_on(tmp_path, monkeypatch, start, fault):
    program = ABRUPT.format(folder=str(tmp_path), start=start, fault=fault)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    if fault:
        assert done.returncode == -signal.SIGKILL
    else:
        last = done.stderr.splitlines()[-1]
        assert 'OSError: Writing the data set "sky" failed: ' in last, done.stderr
        assert "unfinished-1.0.0: the same command goes on from there" in last
    assert not tmp_path.joinpath(*FINAL).exists()
    with pytest.raises(FileNotFoundError, match="is not built"):
        data.source("sky", split="train", size=8, frames=2, data_dir=str(tmp_path))
    monkeypatch.setattr(groups, "RECORDS_PER_GROUP", 1)
    write([make_shot(tmp_path, "a"), make_shot(tmp_path, "b", 400)], tmp_path)
    assert [times_read(tmp_path, name) for name in "ab"] == [1, 2]
    assert not list((tmp_path / "ssagan_sky").glob("unfinished*"))
    assert data.verify_built("sky", data_dir=str(tmp_path)).endswith("as it was written.")


@pytest.mark.parametrize(
    ("fault", "error"), [("interrupted", KeyboardInterrupt), ("raises", ShotFailed)]
)
def test_a_build_that_was_stopped_goes_on(tmp_path, capsys, fault, error, small_groups):
    shots = [make_shot(tmp_path, name, 70) for name in "abc"]
    stopped = [*shots[:2], make_shot(tmp_path, "c", 70, fault=fault)]
    with pytest.raises(error):
        write(stopped, tmp_path)
    assert not tmp_path.joinpath(*FINAL).exists()
    if fault == "interrupted":
        assert "unfinished-1.0.0: the same command goes on" in capsys.readouterr().err
    write(shots, tmp_path)
    assert [times_read(tmp_path, name) for name in "abc"] == [1, 1, 2]
    write(shots, tmp_path / "at once")
    assert digests(tmp_path.joinpath(*FINAL)) == digests(tmp_path.joinpath("at once", *FINAL))


def test_a_worker_that_is_killed_ends_the_build(tmp_path, small_groups):
    shots = [make_shot(tmp_path, name, 70) for name in "abcd"]
    dying = [*shots[:3], make_shot(tmp_path, "d", 70, fault="killed")]
    message = r"read the shot d\..* What is whole is kept in .*: the same command goes on"
    with pytest.raises(ShotFailed, match=message):
        write(dying, tmp_path, workers=2)
    assert not tmp_path.joinpath(*FINAL).exists()


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
