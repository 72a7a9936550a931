"""Clips in batches of one size."""

import numpy as np
import pytest

from ssagan_jax.evaluation.batches import read_batch, read_batches
from tests.helpers.noisy_model import Source
from tests.helpers.windy_model import WINDS, WindySource


def test_the_last_batch_is_filled_up_from_the_beginning():
    source = Source()
    first, last = read_batches(source, 2)
    assert (first.indices.tolist(), first.new) == ([0, 1], 2)
    assert (last.indices.tolist(), last.new) == ([2, 0], 1)
    np.testing.assert_array_equal(last.clips, source.clips[[2, 0]])
    assert last.videos == ["video2", "video0"]


def test_a_batch_larger_than_the_source_repeats_it():
    [batch] = read_batches(Source(), 7)
    assert (batch.indices.tolist(), batch.new) == ([0, 1, 2, 0, 1, 2, 0], 3)


def test_clips_of_another_shape_than_the_first_are_refused():
    source = Source()
    source.clips = [source.clips[0], source.clips[1], source.clips[2][:2]]
    message = r"\[3, 12, 12, 3\] in video0, \[2, 12, 12, 3\] in video2"
    with pytest.raises(ValueError, match=message):
        read_batch(source, np.array([2]), new=1)


def test_winds_come_with_the_clips_where_the_source_has_them():
    [batch] = read_batches(WindySource(), 4)
    np.testing.assert_array_equal(batch.winds, WINDS[[0, 1, 2, 0]])
    assert batch.winds.dtype == np.float32
    [batch] = read_batches(Source(), 3)
    assert batch.winds is None
