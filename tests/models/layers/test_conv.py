"""Spectral normalisation by PyTorch's rule, and the blocks made of it."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.models.layers.conv import Conv, ConvBlock, SpectralNorm, normalise
from tests.helpers import reference
from tests.helpers.stubs import quick_jit, variables

DRAW = np.random.default_rng(0)
KERNEL = DRAW.normal(size=(2, 3, 2, 4, 5)).astype(np.float32)
X = DRAW.normal(size=(2, 2, 2, 2, 4)).astype(np.float32)


def spectral(axis):
    """What normalises: (state, kernel) -> (kernel, state), by ``train``; and a first state."""
    module = SpectralNorm(axis=axis)
    apply = {
        t: quick_jit(partial(module.apply, train=t, mutable="spectral")) for t in (True, False)
    }
    return apply, variables(module, KERNEL)


def started(module, x):
    """Variables as the module draws them."""
    init = quick_jit(partial(module.init, train=False))
    return init(jax.random.key(0, impl="rbg"), jnp.asarray(x))


@pytest.mark.parametrize("axis", [-1, -2])
def test_one_power_iteration_a_training_call_and_none_in_evaluation(axis):
    apply, state = spectral(axis)
    u, v = (state["spectral"][name].astype(float) for name in "uv")
    for train in (True, True, False, True):
        y, state = apply[train](state, jnp.asarray(KERNEL))
        expected, u, v = reference.spectral_norm(KERNEL, u, v, axis=axis, iterations=int(train))
        np.testing.assert_allclose(y, expected, rtol=2e-5, atol=1e-6)
        np.testing.assert_allclose(state["spectral"]["u"], u, atol=1e-6)
        np.testing.assert_allclose(state["spectral"]["v"], v, atol=1e-6)


def test_sigma_converges_to_the_largest_singular_value():
    apply, state = spectral(-2)
    for _ in range(30):
        y, state = apply[True](state, jnp.asarray(KERNEL))
    largest = np.linalg.svd(np.moveaxis(KERNEL, -2, 0).reshape(4, -1), compute_uv=False)[0]
    np.testing.assert_allclose(y, KERNEL / largest, rtol=1e-4)


@pytest.mark.parametrize("train", [True, False])
def test_the_gradient_takes_the_vectors_for_constants(train):
    state = variables(SpectralNorm(), KERNEL)
    weights = DRAW.normal(size=KERNEL.shape).astype(np.float32)

    def total(kernel):
        normed, _ = SpectralNorm().apply(state, kernel, train=train, mutable="spectral")
        return jnp.sum(weights * normed)

    found = quick_jit(jax.grad(total))(jnp.asarray(KERNEL))
    u, v = state["spectral"]["u"], state["spectral"]["v"]
    normed, u, v = reference.spectral_norm(KERNEL, u, v, axis=-1, iterations=int(train))
    sigma = KERNEL.flat[0] / normed.flat[0]
    outer = np.outer(v, u).reshape(KERNEL.shape)
    expected = weights / sigma - np.sum(weights * KERNEL) / sigma**2 * outer
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_vectors_start_normalised():
    start = started(SpectralNorm(), KERNEL)
    u, v = start["spectral"]["u"], start["spectral"]["v"]
    assert (u.shape, v.shape) == ((5,), (48,))
    assert np.linalg.norm(u) == pytest.approx(1) == pytest.approx(np.linalg.norm(v))


def test_initialising_in_training_mode_iterates_no_vector():
    init = quick_jit(partial(SpectralNorm().init, train=True))
    start = init(jax.random.key(0, impl="rbg"), jnp.asarray(KERNEL))
    expected = started(SpectralNorm(), KERNEL)
    for name in "uv":
        assert np.array_equal(start["spectral"][name], expected["spectral"][name])


def test_normalise_of_zeros_is_zeros():
    np.testing.assert_array_equal(normalise(jnp.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("spectral_norm", [False, True])
def test_conv_applies_its_kernel(transpose, spectral_norm):
    module = Conv(
        3, (2, 2, 2), (2, 1, 1), (0, 1, 1), transpose=transpose, spectral_norm=spectral_norm
    )
    drawn = variables(module, X)
    assert ("spectral" in drawn) == spectral_norm
    kernel = drawn["params"]["kernel"]
    assert kernel.shape == ((2, 2, 2, 3, 4) if transpose else (2, 2, 2, 4, 3))
    y = quick_jit(partial(module.apply, train=False))(drawn, jnp.asarray(X))
    if spectral_norm:
        vectors = drawn["spectral"]["SpectralNorm_0"]
        axis = 3 if transpose else 4
        kernel, *_ = reference.spectral_norm(
            kernel, vectors["u"], vectors["v"], axis=axis, iterations=0
        )
    apply = reference.conv3d_transpose if transpose else reference.conv3d
    expected = apply(X, kernel, strides=(2, 1, 1), padding=(0, 1, 1))
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("transpose", [False, True])
def test_a_bias_is_added_to_every_position_and_starts_at_0(transpose):
    options = dict(kernel=(1, 1, 1), transpose=transpose, spectral_norm=False)
    module, without = Conv(3, **options, bias=True), Conv(3, **options)
    assert not np.any(started(module, X)["params"]["bias"])
    drawn = variables(module, X)
    kernel = {"params": {"kernel": drawn["params"]["kernel"]}}
    y, plain = (
        quick_jit(partial(conv.apply, train=False))(tree, jnp.asarray(X))
        for conv, tree in ((module, drawn), (without, kernel))
    )
    expected = plain + drawn["params"]["bias"]
    np.testing.assert_allclose(y, expected, atol=1e-6)
    assert "bias" not in variables(without, X)["params"]


@pytest.mark.parametrize(("transpose", "fan_in"), [(False, 4), (True, 100)])
def test_fan_in_of_a_transposed_kernel_counts_the_output_channels(transpose, fan_in):
    module = Conv(100, (1, 1, 1), transpose=transpose, initializer="author")
    bound = 1 / math.sqrt(fan_in)
    assert 0.97 * bound < np.abs(started(module, X)["params"]["kernel"]).max() <= bound


@pytest.mark.parametrize("slope", [None, 0.0, 0.2])
@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_block_is_convolution_norm_leaky_relu(norm, slope):
    module = ConvBlock(3, (1, 1, 1), norm=norm, slope=slope, spectral_norm=False)
    drawn = variables(module, X)
    y, _ = quick_jit(partial(module.apply, train=True, mutable="batch_stats"))(
        drawn, jnp.asarray(X)
    )
    expected = X @ drawn["params"]["Conv_0"]["kernel"][0, 0, 0]
    if norm == "batch":
        expected = reference.batch_norm(expected, **drawn["params"]["BatchNorm_0"])
    if norm == "layer":
        expected = expected - expected.mean((1, 2, 3, 4), keepdims=True)
        expected /= np.sqrt(expected.var((1, 2, 3, 4), keepdims=True) + 1e-5)
        expected = expected * drawn["params"]["SampleNorm_0"]["scale"]
        expected = expected + drawn["params"]["SampleNorm_0"]["bias"]
    if slope is not None:
        expected = reference.leaky_relu(expected, slope)
    assert expected.min() < 0 or slope == 0.0
    np.testing.assert_allclose(y, expected, atol=1e-4)


def test_block_passes_its_options_to_its_convolution():
    module = ConvBlock(100, (1, 1, 1), transpose=True, initializer="author", bias=True)
    start = started(module, X)
    assert start["params"]["Conv_0"]["bias"].shape == (100,)
    kernel = start["params"]["Conv_0"]["kernel"]
    assert kernel.shape == (1, 1, 1, 100, 4)  # transposed
    assert 0.09 < np.abs(kernel).max() <= 0.1  # author's, of a spectrally normalised kernel
    assert "spectral" in start
