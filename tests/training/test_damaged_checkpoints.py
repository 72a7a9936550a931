"""A run goes on from its newest whole checkpoint; damaged ones are named and kept aside."""

import re
import shutil

import pytest

from ssagan_jax.io.sealed_json import DamagedFile
from ssagan_jax.training.damaged_checkpoints import put_damaged_aside
from ssagan_jax.training.full_checkpoints import Checkpoints
from tests.helpers.flips import files, flip_bit, largest
from tests.helpers.runs import SETTINGS, new, save


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A workdir with the steps 3, 7 and 9; that of 3 is the best."""
    workdir = tmp_path_factory.mktemp("run")
    save(workdir, (3, 7, 9), scores={3: 20.0}, keep=2).close()
    return workdir


@pytest.fixture
def steps(written, tmp_path):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return tmp_path / "checkpoints"


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def test_whole_ones_stay(steps, capfd):
    put_damaged_aside(steps.parent)
    assert names(steps) == ["3", "7", "9"]
    assert capfd.readouterr().err == ""


def test_a_damaged_one_is_moved_and_named(steps, capfd):
    arrays = largest(steps / "9" / "training")
    flip_bit(arrays, 1000)
    before = {p.relative_to(steps / "9"): p.read_bytes() for p in files(steps / "9")}
    put_damaged_aside(steps.parent)
    aside = steps / "damaged" / "9"
    assert names(steps) == ["3", "7", "damaged"]
    assert before == {p.relative_to(aside): p.read_bytes() for p in files(aside)}
    [line] = capfd.readouterr().err.splitlines()
    assert line.startswith(f"note: {steps}/9 is damaged ({arrays.relative_to(steps / '9')}: its ")
    assert line.endswith(f"; moved to {aside}.")


def test_the_run_goes_on_and_leaves_what_is_aside(steps):
    flip_bit(largest(steps / "9"), 1000)
    put_damaged_aside(steps.parent)
    manager = Checkpoints(steps.parent, keep=1)
    assert (manager.latest, manager.best) == (7, 3)
    for step in (9, 11):
        manager.save(step, new(step), data={}, config=SETTINGS)
        manager.wait()
        manager.record_score(step, 30.0 + step)
    manager.close()
    assert names(steps) == ["11", "9", "damaged"]
    assert names(steps / "damaged") == ["9"]


def test_the_same_step_may_be_damaged_again(steps):
    for _ in range(3):
        shutil.copytree(steps / "7", steps / "9", dirs_exist_ok=True)
        (steps / "9" / "manifest.json").write_text("")
        put_damaged_aside(steps.parent)
    assert names(steps / "damaged") == ["9", "9-2", "9-3"]


def test_what_opening_needs_is_checked_of_older_ones_too(steps):
    (steps / "3" / "_CHECKPOINT_METADATA").write_text("{")
    put_damaged_aside(steps.parent)
    assert names(steps) == ["7", "9", "damaged"]
    manager = Checkpoints(steps.parent)
    assert manager.best is None
    manager.close()


def test_none_is_whole(steps):
    for step in steps.glob("[0-9]*"):
        (step / "manifest.json").write_text("")
    line = re.escape(f"{steps}/9 is damaged (manifest.json is damaged: it is not JSON")
    with pytest.raises(DamagedFile, match=rf"^{line}.*; .*/7 is.*; .*/3 is .*No other is there"):
        put_damaged_aside(steps.parent)
    assert names(steps) == ["3", "7", "9"]


def test_of_a_run_that_has_not_begun(tmp_path):
    put_damaged_aside(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_checkpoints_of_earlier_versions(steps, capfd):
    for step in steps.glob("[0-9]*"):
        (step / "manifest.json").unlink()
    (steps / "9" / "data" / "metadata").write_text("")
    put_damaged_aside(steps.parent)
    note, line = capfd.readouterr().err.splitlines()
    assert note.startswith(f"note: the checkpoints in {steps} have no manifest.json")
    assert "(data/metadata is not JSON)" in line
    assert names(steps) == ["3", "7", "damaged"]
