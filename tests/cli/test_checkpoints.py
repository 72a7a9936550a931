"""``ssagan checkpoints``."""

import pytest

from ssagan_jax.cli.main import main
from tests.helpers.commands import refused
from tests.helpers.flips import flip_bit, largest
from tests.helpers.runs import save


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    workdir = tmp_path_factory.mktemp("run")
    save(workdir, (3, 7), scores={3: 20.0}).close()
    return workdir


def test_list(workdir, capsys):
    assert main(["checkpoints", "list", f"--workdir={workdir}"]) == 0
    head, latest, before = capsys.readouterr().out.splitlines()
    assert head.split() == ["checkpoint", "files", "size", "score", "digests"]
    assert latest.startswith("7 ") and before.startswith("3 ") and " 20.000 " in before


def test_inspect(workdir, capsys):
    for options in ([], ["--step=3"]):
        assert main(["checkpoints", "inspect", f"--workdir={workdir}", *options]) == 0
        table = capsys.readouterr().out
        assert f"{workdir}/checkpoints/{3 if options else 7}  generator" in table
    error = refused(capsys, "checkpoints", "inspect", f"--workdir={workdir}", "--step=4")
    assert f"No checkpoint in {workdir}/checkpoints/4" in error


def test_verify(workdir, capsys):
    assert main(["checkpoints", "verify", f"--workdir={workdir}"]) == 0
    assert capsys.readouterr().out.count("whole") == 2
    arrays = largest(workdir / "checkpoints" / "7")
    flip_bit(arrays, 1000)
    assert main(["checkpoints", "verify", f"--workdir={workdir}"]) == 1
    output = capsys.readouterr().out.splitlines()
    flip_bit(arrays, 1000)
    assert output[1].endswith("damaged") and output[2].endswith("whole")
    assert len(output) == 4 and output[3].startswith(f"{arrays}: its SHA-256 is ")
