"""Means of metrics, and the line that is printed."""

import jax
import numpy as np
import pytest

from ssagan_jax.training.progress import find_non_finite, mean_metrics, progress_line

ONE, NAN = np.float32(1), np.float32("nan")


@pytest.mark.parametrize("count", [3, 5])
def test_means_of_metrics_compile_nothing(count, caplog):
    pending = [(step, {"d/total": np.float32(step)}) for step in range(count)]
    with jax.log_compiles():
        assert mean_metrics(pending) == {"d/total": (count - 1) / 2}
    assert not [text for text in caplog.messages if "ompil" in text]


def test_means_are_over_the_steps_that_have_a_metric():
    found = mean_metrics([(1, {"g/l1": np.float32(4), "d/x": ONE}), (2, {"d/x": np.float32(2)})])
    assert list(found.items()) == [("d/x", 1.5), ("g/l1", 4.0)]
    assert mean_metrics([]) == {}


def test_the_first_step_that_is_not_finite():
    assert find_non_finite([(1, {"a": ONE}), (2, {"b": ONE})]) is None
    pending = [(1, {"a": ONE}), (2, {"b": NAN, "a": ONE, "c": np.float32("inf")}), (3, {"a": NAN})]
    assert find_non_finite(pending) == (2, ["b", "c"])


def test_the_line():
    values = {"d/total": 1.379, "g/l1": 0.2103, "g/gradient_norm": 3.0, "speed/steps_per_s": 2.1}
    assert progress_line(300, 1000, values) == (
        "step 300/1000  30%  2.1 steps/s  ETA 5:33  d/total 1.38  g/l1 0.21"
    )


def test_the_line_of_a_long_run():
    found = progress_line(0, 7385, {"speed/steps_per_s": 1.0})
    assert found == "step 0/7385  0%  1 steps/s  ETA 2:03:05  "
