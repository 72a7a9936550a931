"""Normalisation against NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.models.layers.norm import NORMS, BatchNorm, make_norm
from tests.helpers import reference
from tests.helpers.stubs import quick_jit

X = np.random.default_rng(0).normal(1.0, 2.0, (3, 2, 2, 2, 5)).astype(np.float32)
PARAMS = {
    "scale": np.linspace(0.5, 2, 5, dtype=np.float32),
    "bias": np.arange(5.0, dtype=np.float32),
}
STATS = {"mean": np.full(5, 0.25, np.float32), "var": np.full(5, 1.5, np.float32)}


def apply(module, variables, x=X, *, train):
    """The output and the statistics."""
    run = quick_jit(partial(module.apply, train=train, mutable="batch_stats"))
    return run(variables, jnp.asarray(x))


def test_training_mode_uses_the_batch_and_its_biased_variance():
    variables = {"params": PARAMS, "batch_stats": STATS}
    y, _ = apply(BatchNorm(), variables, train=True)
    np.testing.assert_allclose(y, reference.batch_norm(X, **PARAMS), atol=2e-6)


def test_running_statistics_move_by_a_tenth_towards_mean_and_unbiased_variance():
    variables = {"params": PARAMS, "batch_stats": STATS}
    _, state = apply(BatchNorm(), variables, train=True)
    flat = X.reshape(-1, 5)
    mean, var = 0.9 * 0.25 + 0.1 * flat.mean(0), 0.9 * 1.5 + 0.1 * flat.var(0, ddof=1)
    np.testing.assert_allclose(state["batch_stats"]["mean"], mean, rtol=1e-6)
    np.testing.assert_allclose(state["batch_stats"]["var"], var, rtol=1e-6)


def test_evaluation_mode_uses_the_running_statistics_and_leaves_them():
    variables = {"params": PARAMS, "batch_stats": STATS}
    y, state = apply(BatchNorm(), variables, train=False)
    expected = reference.batch_norm(X, **PARAMS, **STATS)
    np.testing.assert_allclose(y, expected, atol=2e-6)
    assert all(np.array_equal(state["batch_stats"][name], STATS[name]) for name in STATS)


def test_chainers_starts_from_gains_of_one_and_variances_of_nought():
    module, x = BatchNorm(chainer=True), 1e-2 * X  # so that epsilon shows
    variables = quick_jit(partial(module.init, train=True))(jax.random.key(0), jnp.asarray(x))
    assert np.array_equal(variables["params"]["scale"], np.ones(5))
    assert np.array_equal(variables["batch_stats"]["var"], np.zeros(5))
    y, state = apply(module, variables, x, train=True)
    expected = reference.batch_norm(x, scale=1.0, bias=0.0, epsilon=2e-5)
    np.testing.assert_allclose(y, expected, atol=2e-6)
    unbiased = (x.reshape(-1, 5).var(0) + 2e-5) * 24 / 23
    np.testing.assert_allclose(state["batch_stats"]["var"], 0.1 * unbiased, rtol=1e-5)


@pytest.mark.parametrize("train", [True, False])
def test_without_an_offset(train):
    module, scale = BatchNorm(use_bias=False), {"scale": PARAMS["scale"]}
    init = partial(module.init, jax.random.key(0), train=True)
    assert jax.eval_shape(init, jnp.asarray(X))["params"].keys() == scale.keys()
    y, _ = apply(module, {"params": scale, "batch_stats": STATS}, train=train)
    expected = reference.batch_norm(X, **scale, bias=0.0, **({} if train else STATS))
    np.testing.assert_allclose(y, expected, atol=2e-6)


def test_running_statistics_start_at_mean_0_and_variance_1():
    init = quick_jit(partial(BatchNorm().init, train=True))
    variables = init(jax.random.key(0, impl="rbg"), jnp.asarray(X))
    np.testing.assert_array_equal(variables["batch_stats"]["mean"], np.zeros(5))
    np.testing.assert_array_equal(variables["batch_stats"]["var"], np.ones(5))


def test_half_precision_input_is_averaged_in_single_precision():
    x = np.full((1, 1, 64, 64, 1), 100.0, np.float16)  # the sum would overflow
    variables = {
        "params": {"scale": np.ones(1, np.float32), "bias": np.zeros(1, np.float32)},
        "batch_stats": {"mean": np.zeros(1, np.float32), "var": np.ones(1, np.float32)},
    }
    y, state = apply(BatchNorm(), variables, x, train=True)
    assert y.dtype == jnp.float16
    np.testing.assert_allclose(state["batch_stats"]["mean"], [10.0], rtol=1e-6)


@pytest.mark.parametrize(("norm", "axes"), [("instance", (1, 2, 3)), ("layer", (1, 2, 3, 4))])
@pytest.mark.parametrize("train", [True, False])
def test_sample_norms_use_each_clip_alone(norm, axes, train):
    y, _ = apply(make_norm(norm), {"params": PARAMS}, train=train)
    mean, var = X.mean(axes, keepdims=True), X.var(axes, keepdims=True)
    expected = (X - mean) / np.sqrt(var + 1e-5) * PARAMS["scale"] + PARAMS["bias"]
    np.testing.assert_allclose(y, expected, atol=2e-6)


@pytest.mark.parametrize(("norm", "train"), [("batch", True), ("batch", False), ("layer", True)])
def test_epsilon_is_added_to_the_variance(norm, train):
    variables = {"params": PARAMS, "batch_stats": STATS}
    y, _ = apply(make_norm(norm, epsilon=100.0), variables, train=train)
    axes = (1, 2, 3, 4) if norm == "layer" else (0, 1, 2, 3)
    mean, var = X.mean(axes, keepdims=True), X.var(axes, keepdims=True)
    if not train:
        mean, var = STATS["mean"], STATS["var"]
    expected = (X - mean) / np.sqrt(var + 100.0) * PARAMS["scale"] + PARAMS["bias"]
    np.testing.assert_allclose(y, expected, atol=2e-6)


@pytest.mark.parametrize("norm", ["instance", "layer"])
def test_sample_norms_keep_no_statistics(norm):
    init = partial(make_norm(norm).init, jax.random.key(0), train=True)
    variables = jax.eval_shape(init, jnp.asarray(X))
    assert list(variables) == ["params"]


def test_no_norm_changes_nothing_and_has_no_parameters():
    y, variables = make_norm("none").init_with_output(
        jax.random.key(0, impl="rbg"), jnp.asarray(X), train=True
    )
    assert np.array_equal(y, X)
    assert not jax.tree.leaves(variables)


def test_unknown_norm():
    assert set(NORMS) == {"batch", "instance", "layer", "none", "chainer"}
    with pytest.raises(
        ValueError, match=r'Unknown norm "group"\. Known: batch, instance, layer, none'
    ):
        make_norm("group")
