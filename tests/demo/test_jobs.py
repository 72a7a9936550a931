"""The queue: turns, leaving, and what is deleted when."""

import pytest

from ssagan_jax.demo.jobs import FAILED, READY, WAITING, WORKING, Jobs
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.orders import Order, Refused
from tests.helpers.visitors import Painter, until


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def start(tmp_path, clock):
    """A function that makes a queue in an empty folder."""
    made = []

    def start(make, **limits):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Jobs(make, folder, Limits(**limits), clock=clock))
        return made[-1]

    yield start
    for jobs in made:
        jobs.close()
    assert list(tmp_path.iterdir()) == []


def add(jobs, address="here", **order):
    folder = jobs.new_folder()
    (folder / "upload").write_text("a photo")
    return jobs.add(folder, address, Order(**order))


def paused():
    painter = Painter()
    painter.may_go.clear()
    return painter


def test_one_at_a_time_in_turn(start):
    painter = paused()
    jobs = start(painter)
    one, two, three = (add(jobs, str(number)) for number in range(3))
    until(lambda: one.state == WORKING)
    assert [jobs.position(job) for job in (one, two, three)] == [0, 1, 2]
    assert (two.state, painter.begun) == (WAITING, [one.name])
    assert jobs.leave(two.name)
    assert jobs.position(three) == 1
    painter.may_go.set()
    until(lambda: three.state == READY)
    assert painter.made == [one.name, three.name]
    assert jobs.position(three) == 0
    assert three.done == three.total - 1 == Order().frames - 1


def test_leaving_ends_the_work_and_deletes_the_files(start):
    painter = paused()
    jobs = start(painter)
    one, two = add(jobs), add(jobs)
    until(lambda: one.state == WORKING)
    assert jobs.leave(one.name) and jobs.leave(two.name)
    assert not jobs.leave(one.name)
    assert jobs.find(one.name) is None
    until(lambda: not one.folder.exists())
    assert not two.folder.exists()
    painter.may_go.set()
    three = add(jobs)
    until(lambda: three.state == READY)
    assert painter.made == [three.name]


def test_a_job_that_nobody_asks_after_is_given_up(start, clock):
    painter = paused()
    jobs = start(painter, away=30)
    one, two = add(jobs), add(jobs)
    until(lambda: one.state == WORKING)
    clock.now += 20
    jobs.find(two.name)
    clock.now += 20
    jobs.sweep()
    assert jobs.find(one.name) is None and jobs.find(two.name) is two
    until(lambda: not one.folder.exists())
    until(lambda: two.state == WORKING)


def test_clips_are_deleted_in_time(start, clock):
    jobs = start(Painter(), kept=100, kept_at_most=150)
    one = add(jobs)
    until(lambda: one.state == READY)
    for seconds, there in [(90, True), (50, True), (20, False)]:
        clock.now += seconds
        jobs.sweep()
        assert (jobs.find(one.name) is one) == there == one.folder.exists()
    two = add(jobs)
    until(lambda: two.state == READY)
    clock.now += 101
    jobs.sweep()
    assert jobs.find(two.name) is None and not two.folder.exists()


def test_a_clip_that_nobody_has_heard_of_goes_soon(start, clock):
    """Its visitor left while it was made."""
    painter = paused()
    jobs = start(painter, away=30, kept=600)
    one = add(jobs)
    until(lambda: one.state == WORKING)
    clock.now += 20
    painter.may_go.set()
    until(lambda: one.state == READY)
    for seconds, there in [(29, True), (2, False)]:
        clock.now += seconds
        jobs.sweep()
        assert one.folder.exists() == there


def test_no_more_clips_are_kept_than_said(start):
    jobs = start(Painter(), finished=3, finished_each=2)
    made = [add(jobs, address) for address in "aaabb"]
    until(lambda: made[-1].state == READY)
    jobs.sweep()
    assert [jobs.find(job.name) is job for job in made] == [False, False, True, True, True]


def test_room(start):
    jobs = start(paused(), waiting=3, waiting_each=2)
    add(jobs, "a")
    add(jobs, "a")
    with pytest.raises(Refused, match="2 clips of yours are being made"):
        jobs.check_room("a")
    add(jobs, "b")
    with pytest.raises(Refused, match="3 visitors are waiting, as many as there is room for"):
        jobs.check_room("c")
    with pytest.raises(Refused, match="3 visitors"):
        add(jobs, "c")


def test_what_goes_wrong_is_told_in_words(start, caplog):
    errors = [ValueError("Too dark."), RuntimeError("secret/path")]

    def make(folder, order, progress):
        if errors:
            raise errors.pop(0)

    jobs = start(make)
    one, two, three = (add(jobs, str(number)) for number in range(3))
    until(lambda: three.state == READY)
    assert (one.state, one.message) == (FAILED, "Too dark.")
    assert (two.state, two.message) == (FAILED, "Something went wrong here. Try another photo.")
    assert "secret/path" in caplog.text


def test_work_has_an_end(start, clock):
    painter = paused()
    jobs = start(painter, job_seconds=50)
    one = add(jobs)
    until(lambda: one.state == WORKING)
    clock.now += 51
    until(lambda: one.state == FAILED)
    assert one.message == "This clip takes too long here. Ask for a shorter one."


def test_the_end_takes_no_notice_of_work(start):
    jobs = start(paused())
    one = add(jobs)
    until(lambda: one.state == WORKING)
    jobs.close()
    assert not one.folder.parent.exists()
