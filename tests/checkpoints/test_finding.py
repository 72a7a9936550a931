"""Which checkpoint is taken: the newest whole one, and nothing else for one."""

import re
import shutil

import numpy as np
import pytest

from ssagan_jax.checkpoints import networks
from ssagan_jax.checkpoints.finding import find_checkpoint, find_whole_checkpoint
from ssagan_jax.io import manifests
from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.training.full_checkpoints import can_resume
from tests.helpers.flips import flip_bit, largest


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A workdir with the steps 9 and 10 of a generator alone."""
    workdir = tmp_path_factory.mktemp("run")
    for step in (9, 10):
        variables = {"params": {"dense": {"kernel": np.arange(50.0) + step}}}
        networks.save_network(workdir / str(step), "generator", variables, config={"a": step})
        shutil.copytree(workdir / str(step) / "checkpoints" / "0", workdir / f"checkpoints/{step}")
    return workdir


@pytest.fixture
def workdir(written, tmp_path):
    shutil.copytree(written / "checkpoints", tmp_path / "checkpoints")
    return tmp_path


def kernel(path):
    return networks.load_network(path, "generator")[0]["params"]["dense"]["kernel"][0]


def test_the_latest_is_taken(workdir, capfd):
    assert find_whole_checkpoint(workdir) == workdir / "checkpoints" / "10"
    assert kernel(workdir) == 10
    assert kernel(workdir / "checkpoints" / "9") == 9
    assert capfd.readouterr().err == ""


def test_a_workdirs_own_folders_are_no_checkpoint(workdir):
    for name in ("generator", "discriminator", "config"):
        (workdir / "run" / name).mkdir(parents=True)
    assert not can_resume(workdir / "run")
    shutil.copytree(workdir / "checkpoints", workdir / "run" / "checkpoints")
    assert find_checkpoint(workdir / "run") == workdir / "run" / "checkpoints" / "10"


def test_no_checkpoint(tmp_path):
    message = r"No checkpoint in .*: expected checkpoints/STEP/generator there\. Train one with `ss"
    for find in (find_checkpoint, find_whole_checkpoint):
        with pytest.raises(FileNotFoundError, match=message):
            find(tmp_path / "no such folder")


def test_steps_are_compared_as_numbers(tmp_path):
    for name in ("9", "10", "11.orbax-checkpoint-tmp", "12"):
        (tmp_path / "checkpoints" / name / "generator").mkdir(parents=True)
    (tmp_path / "checkpoints" / "12" / "generator").rmdir()
    assert find_checkpoint(tmp_path).name == "10"


# Damaged ones


@pytest.mark.parametrize("part", ["generator", "config"])
def test_a_flipped_bit_is_found_and_the_one_before_taken(workdir, part, capfd):
    newest = workdir / "checkpoints" / "10"
    path = largest(newest / part)
    flip_bit(path, 4 * path.stat().st_size)
    assert kernel(workdir) == 9
    [line] = capfd.readouterr().err.splitlines()
    name = re.escape(str(path.relative_to(newest)))
    assert re.fullmatch(
        rf"note: {newest} is damaged \({name}: its SHA-256 is \w+\.\.\., expected \w+\.\.\.\); "
        rf"taken instead: {workdir}/checkpoints/9",
        line,
    )
    assert (newest / "manifest.json").exists()  # reading writes nothing


def test_one_that_is_given_by_its_folder_must_be_whole(workdir):
    flip_bit(largest(workdir / "checkpoints" / "10" / "generator"), 100)
    with pytest.raises(DamagedFile, match=r"10 is damaged \(generator/.*Take another\."):
        kernel(workdir / "checkpoints" / "10")


def test_a_whole_part_that_is_gone_is_damage(workdir, capfd):
    shutil.rmtree(workdir / "checkpoints" / "10" / "generator")
    assert kernel(workdir) == 9
    assert "is missing (and " in capfd.readouterr().err


def test_what_is_not_read_may_be_damaged(workdir):
    (workdir / "checkpoints" / "10" / "_CHECKPOINT_METADATA").write_text("")
    assert kernel(workdir) == 10


def test_none_is_whole(workdir):
    for step in (9, 10):
        (workdir / "checkpoints" / str(step) / "config" / "metadata").write_text("{}")
    with pytest.raises(DamagedFile) as error:
        kernel(workdir)
    line = str(error.value)
    assert line.startswith(f"{workdir}/checkpoints/10 is damaged (config/metadata has 2 bytes, ")
    assert f"; {workdir}/checkpoints/9 is damaged (" in line
    assert line.endswith("copy one back from elsewhere, or train again.")


def test_without_a_manifest_it_is_taken_with_one_note(workdir, capfd):
    for step in (9, 10):
        (workdir / "checkpoints" / str(step) / manifests.MANIFEST).unlink()
    assert (kernel(workdir), kernel(workdir)) == (10, 10)
    [line] = capfd.readouterr().err.splitlines()
    assert line.startswith(f"note: the checkpoints in {workdir}/checkpoints have no manifest.json")
    (workdir / "checkpoints" / "10" / "config" / "metadata").write_text("{")
    assert kernel(workdir) == 9
    assert "10 is damaged (config/metadata is not JSON)" in capfd.readouterr().err
