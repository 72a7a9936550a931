"""What is said of the checkpoints of a workdir."""

import shutil

import pytest

from ssagan_jax.checkpoints import listing
from ssagan_jax.training.damaged_checkpoints import put_damaged_aside
from tests.helpers.flips import files, flip_bit, largest
from tests.helpers.runs import new, save
from tests.helpers.stubs import leaves


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A workdir with the steps 3, 7 and 9."""
    workdir = tmp_path_factory.mktemp("run")
    save(workdir, (3, 7, 9), scores={3: 20.25}).close()
    return workdir


@pytest.fixture
def workdir(written, tmp_path):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_the_list(workdir):
    rows = listing.list_checkpoints(workdir)
    assert [row["checkpoint"] for row in rows] == ["9", "7", "3"]
    assert [row["score"] for row in rows] == ["-", "-", "20.250"]
    inside = len(files(workdir / "checkpoints" / "9")) - 1  # the manifest
    assert rows[0]["files"] == rows[0]["digests"] == str(inside)
    assert rows[0]["size"] == "0.0 MB"


def test_what_is_damaged_is_said_and_nothing_is_moved(workdir):
    steps = workdir / "checkpoints"
    array = largest(steps / "9" / "generator")
    flip_bit(array, 10)
    (steps / "7" / "manifest.json").unlink()
    rows, lines = listing.verify_checkpoints(workdir)
    assert [row["state"] for row in rows] == ["damaged", "not checked", "whole"]
    assert [row["digests"] == "none" for row in rows] == [False, True, False]
    assert len(lines) == 1 and lines[0].startswith(f"{array}: its SHA-256 is ")
    assert (steps / "9").is_dir()


def test_what_was_put_aside_is_listed(workdir):
    (workdir / "checkpoints" / "9" / "manifest.json").write_text("")
    put_damaged_aside(workdir)
    rows, lines = listing.verify_checkpoints(workdir)
    assert [row["checkpoint"] for row in rows] == ["7", "3", "damaged/9"]
    assert [row["state"] for row in rows] == ["whole", "whole", "-"] and not lines
    assert rows[2]["digests"] == "damaged"


def test_the_networks_of_one(workdir):
    rows = listing.inspect_checkpoint(workdir)
    assert [row["network"] for row in rows] == ["generator", "discriminator"]
    assert rows[0]["checkpoint"] == str(workdir / "checkpoints" / "9")
    generator = new(9).generator
    counts = [
        sum(x.size for x in leaves(tree).values()) for tree in (generator.params, generator.stats)
    ]
    assert [rows[0]["parameters"], rows[0]["statistics"]] == [str(count) for count in counts]
    assert rows[0]["not finite"] == "none"


def test_no_checkpoint(tmp_path):
    for ask in (listing.list_checkpoints, listing.inspect_checkpoint):
        with pytest.raises(FileNotFoundError, match="No checkpoint in"):
            ask(tmp_path)
