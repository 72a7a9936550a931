"""Seams, against frames of one pixel."""

import itertools

import numpy as np
import pytest

from ssagan_jax.ops import fade


def numbers(*values):
    return [np.array([value], np.float32) for value in values]


def test_weights_rise_between_0_and_1_and_mirror():
    found = fade.weights(5)
    assert 0 < found[0] < found[1] < 0.5 and found[2] == pytest.approx(0.5)
    np.testing.assert_allclose(found + found[::-1], 1, atol=1e-6)


def test_chained_windows_overlap_and_nothing_else_changes():
    windows = [numbers(0, 1, 2, 3, 4, 5), numbers(10, 11, 12, 13, 14, 15)]
    found = list(fade.chained(windows, fade=2))
    w = fade.weights(2)
    expected = [0, 1, 2, 3, 4 + w[0] * 6, 5 + w[1] * 6, 12, 13, 14, 15]
    np.testing.assert_allclose(np.ravel(found), expected, atol=1e-5)


def test_chained_windows_are_taken_as_needed():
    endless = itertools.repeat(numbers(0, 0, 0, 0))
    assert len(list(itertools.islice(fade.chained(endless, fade=1), 50))) == 50


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        (1, [0, 1, 4, 9, 16]),
        (2, [0, 4, 16]),
        (0.5, [0, 0.5, 1, 2.5, 4, 6.5, 9, 12.5, 16]),
        (1.5, [0, 2.5, 9]),
    ],
)
def test_resampled(speed, expected):
    found = list(fade.resampled(numbers(0, 1, 4, 9, 16), speed=speed))
    np.testing.assert_allclose(np.ravel(found), expected, atol=1e-5)
