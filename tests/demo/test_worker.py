"""Clips in a process of its own: what they say arrives, and nothing that hangs there lasts."""

import os
import time
from pathlib import Path

import pytest

from ssagan_jax.demo.jobs import FAILED, READY, Jobs
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.orders import Order
from ssagan_jax.demo.worker import Worker, resident
from tests.helpers.visitors import until

FRAMES = Order().frames


def make(folder, order, progress):
    """Does what the file ``upload`` says."""
    said = (folder / "upload").read_text()
    if said == "hang":
        time.sleep(600)
    if said == "fill":
        filled = bytearray(400 << 20)
        time.sleep(600)
        return len(filled)
    if said == "crash":
        os._exit(1)
    if said == "refuse":
        raise ValueError("Too dark.")
    if said == "fail":
        raise KeyError("secret")
    for done in range(order.frames):
        progress(done, order.frames)
        time.sleep(0.01 if said == "slowly" else 0)
    (folder / "clip").write_text(str(os.getpid()))


def open_maker():
    return make, {"size": 3}


def open_nothing():
    raise FileNotFoundError("No checkpoint in here.")


@pytest.fixture(scope="module")
def worker():
    """One that is patient with clips that are told to end."""
    worker = Worker(open_maker, grace=2.0, memory=400 << 20)
    assert worker.start() == {"size": 3}
    yield worker
    worker.close()
    with pytest.raises(RuntimeError, match="has ended"):
        worker.start()


@pytest.fixture
def order(tmp_path, worker):
    """A function that makes what a word says; returns how far it came, and who made it."""

    def order(word, until=lambda done: None):
        told = []

        def progress(done, total):
            assert total == FRAMES
            told.append(done)
            until(done)

        (tmp_path / "upload").write_text(word)
        worker(Path(tmp_path), Order(), progress)
        return told, (tmp_path / "clip").read_text()

    return order


def test_clips_and_what_they_say(order):
    told, one = order("please")
    assert told[0] == 0 and told[-1] == FRAMES - 1 and sorted(told) == told
    with pytest.raises(ValueError, match="Too dark"):
        order("refuse")
    with pytest.raises(RuntimeError, match="secret"):
        order("fail")
    assert order("please")[1] == one != str(os.getpid())


def test_a_clip_that_listens_ends_alone(order):
    _, one = order("please")

    def stop(done):
        if done > 3:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        order("slowly", stop)
    assert order("please")[1] == one


def test_what_hangs_or_crashes_ends_with_its_process(order):
    _, one = order("please")
    begun = time.monotonic()

    def stop(done):
        if time.monotonic() > begun + 0.3:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        order("hang", stop)
    _, two = order("please")
    assert one != two
    with pytest.raises(RuntimeError, match="crashed"):
        order("crash")
    assert order("please")[1] not in (one, two)


@pytest.mark.skipif(not resident(os.getpid()), reason="this system does not tell")
def test_what_fills_the_memory_ends_with_its_process(order):
    with pytest.raises(ValueError, match="too much memory here"):
        order("fill")
    assert order("please")[1]


@pytest.mark.slow  # another process starts within the limit
def test_a_clip_that_never_calls_back_does_not_block_the_queue(tmp_path, worker):
    (tmp_path / "jobs").mkdir()
    jobs = Jobs(worker, tmp_path / "jobs", Limits(job_seconds=12))
    found = []
    for word in ("hang", "please"):
        folder = jobs.new_folder()
        (folder / "upload").write_text(word)
        found.append(jobs.add(folder, word, Order()))
    until(lambda: found[0].state == FAILED)
    assert found[0].message == "This clip takes too long here. Ask for a shorter one."
    until(lambda: found[1].state == READY)
    jobs.close()


def test_a_model_that_cannot_be_opened():
    worker = Worker(open_nothing)
    with pytest.raises(FileNotFoundError, match="No checkpoint in here"):
        worker.start()
    worker.close()


def test_a_model_that_cannot_be_opened_again_is_no_fault_of_a_visitors(tmp_path):
    worker = Worker(open_nothing)
    with pytest.raises(RuntimeError, match=r"The model cannot be loaded again: No checkpoint"):
        worker(tmp_path, Order(), lambda done, total: None)
    worker.close()
