"""Trees of arrays by the names of their leaves."""

import numpy as np

from ssagan_jax.checkpoints.array_trees import differences, digest


def test_the_digest_is_of_names_shapes_types_and_values():
    tree = {"a": np.arange(6.0), "b": np.zeros(2)}
    others = [
        {"a": np.arange(6.0) * (1 + 1e-12), "b": np.zeros(2)},
        {"c": np.arange(6.0), "b": np.zeros(2)},
        {"a": np.arange(6.0).reshape(2, 3), "b": np.zeros(2)},
        {"a": np.arange(6.0), "b": np.zeros(2, np.int64)},
        {"a": np.arange(6.0)},
    ]
    assert len({digest(t) for t in (tree, *others)}) == 6
    assert digest(tree) == digest(dict(reversed(tree.items())))


def test_differences_are_listed():
    wanted = {"a": {"b": np.zeros(2), "c": np.zeros(3)}, "d": np.zeros(1)}
    found = {"a": {"b": np.zeros(2), "c": np.zeros(4)}, "e": np.zeros(5)}
    assert differences(wanted, wanted) == ""
    assert differences(wanted, found).splitlines() == [
        "  missing: d (1,)",
        "  unknown: e (5,)",
        "  shape: a/c is (4,), expected (3,)",
    ]


def test_twenty_differences_are_shown_at_most():
    lines = differences({str(i): np.zeros(1) for i in range(23)}, {}).splitlines()
    assert len(lines) == 21 and lines[-1] == "  and 3 more"
