"""Collectives where one device has the whole batch; on several: whole/test_data_parallel.py."""

import jax.numpy as jnp

from ssagan_jax.ops import collectives


def test_of_a_whole_batch_nothing_changes():
    x, tree = jnp.arange(3.0), {"a": jnp.zeros(2)}
    assert collectives.axis_size(()) == 1
    assert collectives.pmean(x, ()) is collectives.pmin(x, ()) is collectives.local_rows(x, ()) is x
    assert collectives.pmean_at_once(tree, ()) is tree
