"""Splits of a configuration, and the first clips of one."""

import pytest

from ssagan_jax import data
from ssagan_jax.data.splits import Take


@pytest.fixture
def source():
    return data.source("synthetic", split="test", size=8, frames=2)


def test_take_is_the_first_clips(source):
    taken = Take(source, 3)
    assert len(taken) == 3
    assert [taken[i]["video"] for i in range(3)] == [source[i]["video"] for i in range(3)]
    assert taken[-1]["video"] == source[2]["video"]
    with pytest.raises(IndexError, match="Clip 3 was asked for; the source has 3 clips"):
        taken[3]
    assert taken.describe() == {**source.describe(), "clips": 3}


def test_take_zero_is_all(source):
    assert len(Take(source, 0)) == len(Take(source, 1000)) == len(source) == 100
    with pytest.raises(ValueError, match=r"The number of clips is -1; expected 0 \(all\) or more"):
        Take(source, -1)
