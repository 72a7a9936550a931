"""Blocks in bfloat16, and blocks that are computed again for their gradients."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.models.layers.attention import SelfAttention
from ssagan_jax.models.layers.compute import REMATS, check_precision, run_block
from ssagan_jax.models.layers.conv import Conv, ConvBlock
from tests.helpers.stubs import equal, quick_jit, variables

HALVE = ((4, 4, 4), (2, 2, 2), (1, 1, 1))
BLOCKS = {
    "convolution": ConvBlock(3, *HALVE),
    "transposed": ConvBlock(3, *HALVE, transpose=True),
    "bias": Conv(3, *HALVE, bias=True),
    "attention": SelfAttention("per_frame"),
    "plain": ConvBlock(3, *HALVE, spectral_norm=False),
    "plain transposed": ConvBlock(3, *HALVE, transpose=True, spectral_norm=False),
    "gate": SelfAttention("shared", gate="none_normal_init"),
}
X = jnp.asarray(np.random.default_rng(0).normal(size=(2, 4, 4, 4, 2)), jnp.float32)


def drawn(block):
    found = variables(block, X)
    if "gamma" in found["params"]:
        found["params"]["gamma"] = np.float32(1)
    return found


def outcome(block, found, x, remat="none"):
    """Output, statistics left, and gradients of the squared slope: the second order too."""

    def output(params, x):
        module = block.bind(
            {**found, "params": params}, mutable=[k for k in found if k != "params"]
        )
        y = run_block(module, x, train=True, remat=remat)
        return y, dict(module.variables)

    def squared_slope(params, x):
        slope = jax.grad(lambda x: jnp.square(output(params, x)[0].astype(jnp.float32)).sum())(x)
        return jnp.square(slope.astype(jnp.float32)).sum()

    return *output(found["params"], x), jax.grad(squared_slope, (0, 1))(found["params"], x)


@pytest.mark.parametrize("name", ["convolution", "transposed", "attention"])
def test_computing_again_changes_no_value(name):
    block, found = BLOCKS[name], drawn(BLOCKS[name])
    run = [quick_jit(partial(outcome, block, remat=remat)) for remat in REMATS]
    kept, repeated = (f(found, X) for f in run)
    assert jax.tree.structure(kept) == jax.tree.structure(repeated)
    for one, other in zip(*map(jax.tree.leaves, (kept, repeated)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * max(1, np.abs(one).max()))
    assert equal(kept[1]["params"], found["params"])
    if name != "attention":
        assert not equal(kept[1]["spectral"], found["spectral"])


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_compute_in_the_dtype_of_their_input(name):
    block, found = BLOCKS[name], drawn(BLOCKS[name])
    y, left, (d_params, d_x) = jax.eval_shape(
        partial(outcome, block), found, X.astype(jnp.bfloat16)
    )
    assert y.dtype == d_x.dtype == jnp.bfloat16
    kept = jax.tree.leaves((left, d_params))
    assert {leaf.dtype for leaf in kept} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", ["plain", "plain transposed", "bias", "attention", "gate"])
def test_the_factors_of_every_product_are_bfloat16(name):
    block = BLOCKS[name].clone(spectral_norm=False) if name == "bias" else BLOCKS[name]
    program = jax.make_jaxpr(lambda found, x: block.apply(found, x, train=False))(
        drawn(block), X.astype(jnp.bfloat16)
    )
    products = [
        equation
        for equation in equations(program.jaxpr)
        if equation.primitive.name in ("dot_general", "conv_general_dilated")
    ]
    assert products
    assert {v.aval.dtype for e in products for v in e.invars} == {np.dtype(jnp.bfloat16)}
    sums = {e.outvars[0].aval.dtype for e in products if e.primitive.name != "dot_general"}
    assert sums <= {np.dtype(np.float32)}


def equations(program):
    for equation in program.eqns:
        yield equation
        for value in equation.params.values():
            if hasattr(value, "jaxpr"):
                yield from equations(value.jaxpr)


@pytest.mark.parametrize("name", ["convolution", "transposed", "attention"])
def test_bfloat16_is_near_float32(name):
    block, found = BLOCKS[name], drawn(BLOCKS[name])
    run = quick_jit(lambda found, x: block.apply(found, x, train=False))
    exact, coarse = run(found, X), run(found, X.astype(jnp.bfloat16)).astype(jnp.float32)
    error = np.abs(exact - coarse).max() / np.abs(exact).max()
    assert 1e-5 < error < 0.03


@pytest.mark.parametrize(
    ("precision", "remat", "message"),
    [
        ("float16", "none", r'Unknown precision "float16"\. Known: float32, bfloat16\.'),
        ("float32", "all", r'Unknown remat "all"\. Known: none, levels\.'),
    ],
)
def test_unknown_options(precision, remat, message):
    with pytest.raises(ValueError, match=message):
        check_precision(precision, remat)
