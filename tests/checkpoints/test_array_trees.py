"""Trees of arrays by the names of their leaves."""

import numpy as np

from ssagan_jax.checkpoints.array_trees import digest


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
