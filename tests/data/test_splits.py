"""Splits of a configuration, and the first clips of one."""

import numpy as np
import pytest

from ssagan_jax import data
from ssagan_jax.config.schema import DatasetConfig
from ssagan_jax.data.splits import Joined, Take, contents, is_far, open_split, open_training_split


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


def test_joined_sources_are_one_after_the_other(source):
    short, joined = Take(source, 3), Joined([Take(source, 3), source])
    assert len(joined) == 103
    order = [joined[i]["video"] for i in (0, 2, 3, 102, -103)]
    assert order == [source[i]["video"] for i in (0, 2, 0, 99, 0)]
    with pytest.raises(IndexError, match="Clip 103 was asked for"):
        joined[103]
    assert joined.describe() == {**short.describe(), "clips": 103, "frame_step": [1, 1]}


def test_training_clips_have_every_frame_step_that_is_asked_for():
    asked = DatasetConfig("synthetic", "", 8, 2, frame_step=2, frame_steps=(1, 2))
    found = open_training_split(asked, 0)
    assert len(found) == 4000 and found.describe()["frame_step"] == [2, 1]
    one = open_training_split(DatasetConfig("synthetic", "", 8, 2), 0)
    assert len(one) == 2000 and one.describe()["frame_step"] == 1


def test_with_masks_the_clips_are_the_same_and_come_with_one():
    asked = DatasetConfig("synthetic", "", 8, 2)
    plain, masked = open_split(asked, "test", 0), open_split(asked, "test", 0, mask=True)
    assert masked[3]["mask"].shape == (8, 8) and "mask" not in plain[3]
    np.testing.assert_array_equal(masked[3]["clip"], plain[3]["clip"])
    assert len(masked) == len(plain) and masked.describe() == plain.describe()
    assert contents(masked) == contents(plain)
    assert "mask" in open_training_split(asked, 0, mask=True)[0]


def test_contents_are_those_of_the_clips(source):
    def opened(**changes):
        return data.source("synthetic", **{"split": "train", "size": 8, "frames": 2, **changes})

    assert contents(opened()) == contents(opened()) != contents(opened(seed=1))
    assert contents(opened()) != contents(opened(size=16))
    joined = Joined([opened(), source])
    assert contents(joined) == contents(Joined([opened(), source])) != contents(opened())
    assert contents(joined) != contents(Joined([source, opened()]))


def test_clips_are_far_where_a_bucket_is_read_in_place():
    assert is_far(DatasetConfig("sky", "gs://b/x", 8, 2))
    assert not is_far(DatasetConfig("sky", "gs://b/x", 8, 2, cache="/c"))
    assert not is_far(DatasetConfig("sky", "/x", 8, 2))
