"""One row of an attention map, against the whole."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops import attention
from ssagan_jax.ops import attention_row as of_the_map
from ssagan_jax.ops.attention import LAYOUTS
from tests.helpers.stubs import quick_jit

attend = quick_jit(attention.attend, static_argnames="kind")
attention_row = quick_jit(of_the_map.attention_row, static_argnames="kind")

SHAPE = (2, 3, 4, 5, 6)
POSITION = np.int32([[1, 2, 3], [2, 0, 4]])


def draw(seed, channels=6):
    drawn = np.random.default_rng(seed).normal(size=(*SHAPE[:4], channels))
    return drawn.astype(np.float32)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_the_row_is_what_attend_sums_the_values_by(kind):
    query, key, value = draw(0), draw(1), draw(2, 7)
    weights = np.asarray(attention_row(query, key, POSITION, kind=kind))
    assert weights.shape == (2, 3 if kind == "spatiotemporal" else 1, 4, 5)
    np.testing.assert_allclose(weights.sum((1, 2, 3)), 1, rtol=1e-6)
    attended = np.asarray(attend(query, key, value, kind=kind))
    for clip, (t, y, x) in enumerate(POSITION):
        seen = value[clip] if kind == "spatiotemporal" else value[clip, t : t + 1]
        wanted = np.einsum("thw,thwc->c", weights[clip], seen)
        np.testing.assert_allclose(wanted, attended[clip, t, y, x], rtol=1e-4, atol=1e-5)


def test_bfloat16_is_summed_in_float32():
    query, key = (draw(seed).astype(jnp.bfloat16) for seed in (0, 1))
    weights = attention_row(query, key, POSITION, kind="per_frame")
    exact = attention_row(query.astype("f4"), key.astype("f4"), POSITION, kind="per_frame")
    assert weights.dtype == jnp.float32
    np.testing.assert_allclose(weights, exact, rtol=1e-5)


def test_unknown_kind():
    with pytest.raises(ValueError, match=r'Unknown attention kind "global"\. Available: per_frame'):
        attention_row(draw(0), draw(1), POSITION, kind="global")
