"""Gram matrices against sums written out."""

import jax.numpy as jnp
import numpy as np

from ssagan_jax.ops.gram import gram

FEATURES = np.random.default_rng(0).normal(size=(2, 3, 4, 5, 2)).astype(np.float32)


def test_entries_are_mean_products_over_positions_divided_by_the_rows():
    found = gram(jnp.asarray(FEATURES))
    assert found.shape == (2, 6, 6)  # 2 channels x 3 frames
    for i in range(6):
        for j in range(6):
            # Row i is channel i // 3 at time i % 3.
            one = FEATURES[:, i % 3, :, :, i // 3]
            other = FEATURES[:, j % 3, :, :, j // 3]
            expected = (one * other).sum((1, 2)) / (6 * 20)
            np.testing.assert_allclose(found[:, i, j], expected, rtol=1e-4, atol=1e-6)


def test_where_in_the_picture_does_not_matter():
    order = np.random.default_rng(1).permutation(20)
    moved = FEATURES.reshape(2, 3, 20, 2)[:, :, order].reshape(FEATURES.shape)
    np.testing.assert_allclose(gram(jnp.asarray(moved)), gram(jnp.asarray(FEATURES)), atol=1e-5)
    earlier = gram(jnp.asarray(FEATURES[:, ::-1]))
    assert not np.allclose(earlier, gram(jnp.asarray(FEATURES)), atol=1e-2)
