"""The attention block: sizes, values of every kind, gates."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.models.layers.attention import GATES, SelfAttention
from ssagan_jax.ops.attention import LAYOUTS
from tests.helpers import reference
from tests.helpers.stubs import count, quick_jit, variables

X = np.random.default_rng(0).normal(size=(2, 3, 2, 2, 4)).astype(np.float32)


def started(module, x=X):
    """Variables as the module draws them."""
    init = quick_jit(partial(module.init, train=True))
    return init(jax.random.key(0, impl="rbg"), jnp.asarray(x))


def values(module, params):
    return quick_jit(partial(module.apply, train=False))({"params": params}, jnp.asarray(X))


def steep(module):
    """Parameters whose maps are not flat, with gamma 1."""
    params = jax.tree.map(lambda x: 20 * x, variables(module, X)["params"])
    return {**params, "gamma": np.float32(1)}


@pytest.mark.parametrize(
    ("channels", "parameters"),
    [(32, 3_169), (64, 12_481), (128, 49_537), (256, 197_377), (512, 787_969)],
)
def test_parameter_count(channels, parameters):
    x = jax.ShapeDtypeStruct((1, 2, 2, 2, channels), jnp.float32)
    module = SelfAttention("per_frame")
    shapes = jax.eval_shape(lambda x: module.init(jax.random.key(0, impl="rbg"), x, train=True), x)
    assert count(shapes) == parameters


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("c_cal", [1, 2])
def test_values_with_gamma_1(kind, c_cal):
    module = SelfAttention(kind, c_cal=c_cal)
    params = steep(module)
    q, k, v = (
        X @ params[name]["kernel"] + params[name]["bias"] for name in ("query", "key", "value")
    )
    assert q.shape[-1] == k.shape[-1] == 4 // c_cal
    expected = X + reference.attend(q, k, v, kind=kind)
    np.testing.assert_allclose(values(module, params), expected, rtol=1e-4, atol=1e-4)


def test_kinds_differ_once_gamma_is_not_0():
    params = steep(SelfAttention("shared"))
    found = [values(SelfAttention(kind), params) for kind in LAYOUTS]
    assert not any(np.allclose(found[i], found[j], atol=1e-2) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_gamma_starts_at_0_and_the_block_as_identity():
    module = SelfAttention("per_frame")
    start = started(module)
    assert start["params"]["gamma"] == 0
    assert np.array_equal(module.apply(start, jnp.asarray(X), train=True), X)


@pytest.mark.parametrize(
    ("gate", "identity"), [("none_zero_init", True), ("none_normal_init", False)]
)
def test_without_gamma_only_the_zero_start_is_an_identity(gate, identity):
    module = SelfAttention("per_frame", gate=gate)
    start = started(module)
    assert "gamma" not in start["params"]
    y, _ = quick_jit(partial(module.apply, train=True, mutable="batch_stats"))(
        start, jnp.asarray(X)
    )
    branch = np.asarray(y) - X  # batch norm takes the bias away, up to rounding
    assert np.abs(branch).max() < 1e-4 if identity else branch.std() > 0.1


def test_start_of_the_projections():
    x = np.zeros((1, 1, 1, 1, 100), np.float32)
    params = started(SelfAttention("per_frame"), x)["params"]
    for name in ("query", "key", "value"):
        assert np.std(params[name]["kernel"]) == pytest.approx(0.02, rel=0.05)
        assert 0.09 < np.abs(params[name]["bias"]).max() <= 0.1  # uniform, 1 / sqrt(100)


def test_unknown_gate_and_c_cal():
    assert GATES == ("gamma", "none_zero_init", "none_normal_init")
    with pytest.raises(ValueError, match=r'Unknown gate "none"\. Known: gamma, none_zero_init'):
        started(SelfAttention("per_frame", gate="none"))
    for c_cal in (0, 5):
        with pytest.raises(
            ValueError, match=f"c_cal must be from 1 to the 4 channels, not {c_cal}"
        ):
            started(SelfAttention("per_frame", c_cal=c_cal))
