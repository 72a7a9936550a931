"""A file that only one of several writers can make; in a bucket: test_buckets."""

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
