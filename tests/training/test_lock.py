"""One run a workdir."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ssagan_jax.training.lock import LOCK, WorkdirLock


def quick(workdir):
    return WorkdirLock(workdir, interval=0.02, patience=1.0)


def held_by(workdir, **changes):
    """The lock of a process that is gone, changed."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        gone = process.pid
    lock = quick(workdir)
    text = lock._ours | {"token": "theirs", "pid": gone, "since": "2026-11-27 10:00:00+00:00"}
    (workdir / LOCK).write_text(json.dumps(text | changes))


def token(workdir):
    return json.loads((workdir / LOCK).read_text())["token"]


def test_a_second_start_is_told_who_holds_it_and_since_when(tmp_path):
    first, second = quick(tmp_path), quick(tmp_path)
    first.acquire()
    message = rf"in use: process {os.getpid()} on .* has trained there since 20\d\d-.*--workdir"
    with pytest.raises(BlockingIOError, match=message):
        second.acquire()
    first.release()
    second.acquire()
    second.check()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_a_process_of_this_machine_that_is_gone_is_dead_at_once(tmp_path, capsys):
    held_by(tmp_path)
    lock = quick(tmp_path)
    lock.acquire()
    assert token(tmp_path) == lock._ours["token"]
    assert "which is gone, was taken over" in capsys.readouterr().out


def test_a_process_number_that_was_given_out_again_is_another_process(tmp_path):
    held_by(tmp_path, pid=os.getpid(), started="1")
    quick(tmp_path).acquire()
    assert token(tmp_path) != "theirs"


def test_another_machine_is_dead_once_its_heartbeat_stands_still(tmp_path, capsys):
    held_by(tmp_path, machine="another", host="there")
    quick(tmp_path).acquire()
    assert "on there: looking for its heartbeat" in capsys.readouterr().out
    assert token(tmp_path) != "theirs"


def test_another_machine_is_alive_while_its_heart_beats(tmp_path):
    there = quick(tmp_path)
    there._ours["machine"] = "another"
    there.acquire()
    with pytest.raises(BlockingIOError, match="in use"):
        quick(tmp_path).acquire()
    there.check()
    there.release()


@pytest.mark.parametrize("text", ["", "no JSON", "[]"])
def test_a_damaged_lock_is_nobodys_after_a_while(tmp_path, text):
    (tmp_path / LOCK).write_text(text)
    quick(tmp_path).acquire()
    assert token(tmp_path)


@pytest.mark.parametrize("dead", [False, True])
def test_of_starts_at_one_moment_exactly_one_runs(tmp_path, dead):
    def start(workdir, gate):
        gate.wait()
        try:
            lock = WorkdirLock(workdir, interval=60.0, patience=0.3)
            lock.acquire()
        except BlockingIOError:
            return None
        return lock._ours["token"]

    for round_ in range(20):
        workdir, gate = tmp_path / str(round_), threading.Barrier(6)
        workdir.mkdir()
        if dead:
            held_by(workdir)
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda _, w=workdir, g=gate: start(w, g), range(6)))
        assert [name for name in found if name] == [token(workdir)]
        assert [path.name for path in workdir.iterdir()] == [LOCK]


def test_a_start_that_was_killed_while_it_took_over_is_in_nobodys_way(tmp_path):
    held_by(tmp_path)
    (tmp_path / f"{LOCK}.theirs").write_text((tmp_path / LOCK).read_text())
    quick(tmp_path).acquire()
    assert token(tmp_path) != "theirs"


def test_a_holder_that_stood_still_for_too_long_stops_and_leaves_the_lock(tmp_path):
    first, second = quick(tmp_path), quick(tmp_path)
    first.acquire()
    first._end.set()  # its heart stops
    first._ours["machine"] = "another"
    first._write()
    second.acquire()
    with pytest.raises(BlockingIOError, match=r"was taken over by process .* still for too long"):
        first.check()
    first.release()
    assert token(tmp_path) == second._ours["token"]
