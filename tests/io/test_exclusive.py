"""What only one of several can have; in a bucket: test_buckets."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from ssagan_jax.io import exclusive


def test_of_many_at_one_moment_exactly_one_makes_it(tmp_path):
    for round_ in range(20):
        path = tmp_path / str(round_)
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(partial(exclusive.create, path), "abcdefgh"))
        assert sum(made) == 1
        assert path.read_text() == "abcdefgh"[made.index(True)]


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(OSError, match="missing"):
        exclusive.create(tmp_path / "missing" / "lock", "")


def test_a_lock_has_one_holder_and_goes_to_the_next(tmp_path):
    inside, asked = [], threading.Event()

    def hold(name):
        with exclusive.holding(tmp_path / "lock", asked.set):
            inside.append(name)
            if name == "first":
                assert started.wait(10) and asked.wait(10)
            inside.append(name)

    started = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hold, "first")
        while not inside:
            pass
        second = pool.submit(hold, "second")
        started.set()
        first.result(), second.result()
    assert inside == ["first", "first", "second", "second"]


def test_a_lock_whose_holder_was_killed_is_free(tmp_path):
    path = tmp_path / "lock"
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from ssagan_jax.io import exclusive\n"
        f"with exclusive.holding(Path({str(path)!r}), None):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == -9
    with exclusive.holding(path, lambda: pytest.fail("it is held")):
        pass
