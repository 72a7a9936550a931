"""One build at a time in a folder."""

import multiprocessing
import os

import pytest

from ssagan_jax.data.building.unfinished import LOCK, held, unfinished_folder


def hold(folder, connection):
    with held(folder):
        connection.send("held")
        connection.recv()


def test_where_it_is(tmp_path):
    assert unfinished_folder(tmp_path / "1.0.0") == tmp_path / "unfinished-1.0.0"


def test_another_build_is_refused_until_it_has_ended(tmp_path):
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    other = context.Process(target=hold, args=(tmp_path / "new", theirs))
    other.start()
    assert ours.recv() == "held"
    message = rf"new is in use: process {other.pid} on .*, since .* builds there\. Wait for it"
    with pytest.raises(BlockingIOError, match=message), held(tmp_path / "new"):
        pass
    other.kill()
    other.join()
    with held(tmp_path / "new"):  # nothing is to be cleaned up after it
        assert f"process {os.getpid()}" in (tmp_path / "new" / LOCK).read_text()
