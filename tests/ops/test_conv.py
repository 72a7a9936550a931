"""The fast form against `lax.conv_general_dilated`, to any order of differentiation."""

import os
import subprocess
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops import halving
from ssagan_jax.ops.conv import conv3d, conv3d_transpose

# name: input size, channels in and out, kernel, strides, padding
FAST = {
    "halves space": ((3, 4, 6), (5, 6), (3, 4, 4), (1, 2, 2), (1, 1, 1)),
    "halves space of a photo": ((1, 4, 6), (3, 5), (3, 4, 4), (1, 2, 2), (1, 1, 1)),
    "one frame at a time": ((3, 4, 6), (5, 2), (1, 4, 4), (1, 2, 2), (0, 1, 1)),
    "halves all": ((6, 4, 8), (5, 6), (4, 4, 4), (2, 2, 2), (1, 1, 1)),
    "halves all, few channels": ((4, 4, 2), (3, 2), (4, 4, 4), (2, 2, 2), (1, 1, 1)),
    "sees all": ((3, 4, 4), (5, 6), (3, 4, 4), (1, 1, 1), (0, 0, 0)),
    "pointwise": ((3, 2, 4), (5, 6), (1, 1, 1), (1, 1, 1), (0, 0, 0)),
}
SLOW = {
    "odd time": ((5, 4, 4), (3, 2), (4, 4, 4), (2, 2, 2), (1, 1, 1)),
    "odd height": ((4, 5, 4), (3, 2), (4, 4, 4), (2, 2, 2), (1, 1, 1)),
    "odd width": ((3, 4, 5), (3, 2), (3, 4, 4), (1, 2, 2), (1, 1, 1)),
    "kernel 3": ((4, 4, 4), (3, 2), (3, 3, 3), (1, 1, 1), (1, 1, 1)),
    "shortens time": ((4, 4, 4), (3, 2), (3, 4, 4), (1, 2, 2), (0, 1, 1)),
    "pointwise with steps": ((4, 4, 4), (3, 2), (1, 1, 1), (2, 2, 2), (0, 0, 0)),
    "whole, padded": ((4, 4, 4), (3, 2), (4, 4, 4), (1, 1, 1), (1, 1, 1)),
}


def normal(rng, *shape):
    return jnp.asarray(rng.normal(size=shape), jnp.float32)


CONVOLUTION_3D = "lhs_spec=(0, 4, 1, 2, 3)"  # as a program's text shows it


@pytest.fixture(params=[0, 256], ids=["many positions", "few positions"])
def few_positions(request, monkeypatch):
    monkeypatch.setattr(halving, "_FEW_POSITIONS", request.param)


def layer(name, *, transpose, seed=0):
    """The two forms of a layer, an input with a batch of 2, and a kernel."""
    size, (c, o), kernel, strides, padding = (FAST | SLOW)[name]
    rng = np.random.default_rng(seed)
    kernel = normal(rng, *kernel, c, o)
    forms = [
        partial(op, strides=strides, padding=padding, implementation=implementation)
        for op in (conv3d, conv3d_transpose)
        for implementation in ("lax", "fast")
    ]
    x = normal(rng, 2, *size, c)
    if not transpose:
        return *forms[:2], x, kernel
    y = jax.eval_shape(forms[0], x, kernel)
    return *forms[2:], normal(rng, *y.shape), kernel


def assert_close(actual, desired):
    actual, desired = (map(np.asarray, jax.tree.leaves(x)) for x in (actual, desired))
    for a, d in zip(actual, desired, strict=True):
        assert a.shape == d.shape
        assert a.dtype == d.dtype
        assert np.abs(a - d).max() <= 1e-5 * np.abs(d).max()


def nonlinear(op, x, kernel):
    return jnp.tanh(op(x, kernel) / 10).sum()


def squared_gradients(op, x, kernel):
    """As a gradient penalty: a function of first derivatives, here by both arguments."""
    dx, dkernel = jax.grad(partial(nonlinear, op), (0, 1))(x, kernel)
    return (dx**2).sum() + (dkernel**2).sum()


@pytest.mark.parametrize("transpose", [False, True], ids=["conv", "transpose"])
@pytest.mark.parametrize("name", FAST)
class TestFast:
    def test_values_and_both_orders_of_gradients(self, name, transpose, few_positions):
        lax_form, fast, x, kernel = layer(name, transpose=transpose)

        def everything(op):
            gradients = [
                jax.grad(partial(f, op), (0, 1))(x, kernel) for f in (nonlinear, squared_gradients)
            ]
            return op(x, kernel), gradients

        assert_close(*jax.jit(lambda: (everything(fast), everything(lax_form)))())

    def test_vmap(self, name, transpose):
        lax_form, fast, x, kernel = layer(name, transpose=transpose)

        def each(op, over):
            xs, kernels = jnp.stack([x, 2 - x]), jnp.stack([kernel, 3 * kernel])
            gradients = jax.grad(partial(nonlinear, op), (0, 1))
            return over(gradients, xs, kernels), over(lambda x: op(x, kernel), xs)

        def loop(f, *args):
            return jax.tree.map(lambda *a: jnp.stack(a), *map(f, *args))

        actual, desired = jax.jit(
            lambda: (each(fast, lambda f, *a: jax.vmap(f)(*a)), each(lax_form, loop))
        )()
        assert_close(actual, desired)

    def test_no_3d_convolution_remains(self, name, transpose):
        _, fast, x, kernel = layer(name, transpose=transpose)
        program = jax.make_jaxpr(jax.grad(partial(squared_gradients, fast), (0, 1)))(x, kernel)
        assert CONVOLUTION_3D not in str(program)

    def test_low_precision(self, name, transpose):
        lax_form, fast, x, kernel = layer(name, transpose=transpose)
        x, kernel = (np.asarray(a).astype(jnp.bfloat16) for a in (x, kernel))
        actual, desired = jax.jit(lambda *a: (fast(*a), lax_form(*a)))(x, kernel)
        assert actual.dtype == jnp.bfloat16
        actual, desired = (np.asarray(a, np.float32) for a in (actual, desired))
        assert np.abs(actual - desired).max() <= 0.05 * np.abs(desired).max()


@pytest.mark.parametrize(
    ("name", "transpose"),
    [(name, False) for name in SLOW]
    # A transposed convolution that doubles never has an odd result.
    + [(name, True) for name in SLOW if not name.startswith("odd")],
)
def test_other_shapes_fall_back(name, transpose):
    lax_form, fast, x, kernel = layer(name, transpose=transpose)
    assert str(jax.make_jaxpr(fast)(x, kernel)) == str(jax.make_jaxpr(lax_form)(x, kernel))
    assert CONVOLUTION_3D in str(jax.make_jaxpr(fast)(x, kernel))


def test_fallback_of_odd_sizes_is_right():
    _, fast, x, kernel = layer("odd height", transpose=False)

    def padded(x, kernel):  # one more row of zeros makes it even, and one more row of results
        return fast(jnp.pad(x, ((0, 0), (0, 0), (0, 1), (0, 0), (0, 0))), kernel)[:, :, :-1]

    assert CONVOLUTION_3D not in str(jax.make_jaxpr(padded)(x, kernel))

    @jax.jit
    def everything():
        return [
            jax.value_and_grad(partial(nonlinear, op), (0, 1))(x, kernel) for op in (fast, padded)
        ]

    assert_close(*everything())
    assert_close(*jax.jit(lambda: (fast(x, kernel), padded(x, kernel)))())


@pytest.mark.parametrize("name", FAST | SLOW)
@pytest.mark.parametrize("implementation", ["lax", "fast"])
def test_transpose_is_the_adjoint(name, implementation):
    size, (c, o), taps, strides, padding = (FAST | SLOW)[name]
    rng = np.random.default_rng(1)
    kernel = normal(rng, *taps, c, o)
    options = {"strides": strides, "padding": padding, "implementation": implementation}
    # The size that the transpose returns: the part of the input which the layer sees.
    outputs = [
        (n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, taps, strides, padding, strict=True)
    ]
    y = normal(rng, 2, *outputs, o)
    transposed, plain = (partial(op, **options) for op in (conv3d_transpose, conv3d))
    x = normal(rng, *jax.eval_shape(transposed, y, kernel).shape)
    back, forth = jax.jit(lambda: (transposed(y, kernel), plain(x, kernel)))()
    np.testing.assert_allclose(np.vdot(forth, y), np.vdot(x, back), rtol=1e-4, atol=1e-3)


def test_convolution_against_loops():
    size, strides, padding = (3, 4, 4), (1, 2, 2), (1, 1, 1)
    rng = np.random.default_rng(2)
    x, kernel = rng.normal(size=(1, *size, 2)), rng.normal(size=(3, 4, 4, 2, 1))
    padded = np.pad(x[0], ((1, 1), (1, 1), (1, 1), (0, 0)))
    expected = np.zeros((3, 2, 2))
    for t, h, w in np.ndindex(expected.shape):
        window = padded[t : t + 3, 2 * h : 2 * h + 4, 2 * w : 2 * w + 4]
        expected[t, h, w] = (window * kernel[..., 0]).sum()
    for implementation in ("lax", "fast"):
        y = conv3d(
            jnp.float32(x),
            jnp.float32(kernel),
            strides=strides,
            padding=padding,
            implementation=implementation,
        )
        np.testing.assert_allclose(y[0, ..., 0], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("backend", "implementation"), [("cpu", "fast"), ("gpu", "lax")])
@pytest.mark.parametrize("op", [conv3d, conv3d_transpose])
def test_auto_chooses_by_backend(op, backend, implementation, monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: backend)
    x, kernel = jnp.ones((1, 4, 4, 4, 3)), jnp.ones((4, 4, 4, 3, 3))

    def program(choice):
        options = {"strides": (2, 2, 2), "padding": (1, 1, 1)}
        options |= {"implementation": choice} if choice else {}
        return str(jax.make_jaxpr(partial(op, **options))(x, kernel))

    assert program(None) == program("auto") == program(implementation)
    assert program("fast") != program("lax")


@pytest.mark.parametrize(("op", "expected"), [(conv3d, 2), (conv3d_transpose, 6)])
def test_channels_must_fit(op, expected):
    x, kernel = jnp.ones((1, 4, 4, 4, 5)), jnp.ones((4, 4, 4, 2, 6))
    with pytest.raises(ValueError, match=rf"has 5 channels .*\(4, 4, 4, 2, 6\) expects {expected}"):
        op(x, kernel, strides=(2, 2, 2), padding=(1, 1, 1))


@pytest.mark.parametrize("op", [conv3d, conv3d_transpose])
def test_unknown_implementation(op):
    x, kernel = jnp.ones((1, 4, 4, 4, 2)), jnp.ones((4, 4, 4, 2, 2))
    with pytest.raises(ValueError, match=r'convolution "quick"\. Available: auto, lax, fast\.'):
        op(x, kernel, strides=(2, 2, 2), padding=(1, 1, 1), implementation="quick")


SHARDED = """
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import AxisType, NamedSharding, PartitionSpec
from ssagan_jax.ops.conv import conv3d, conv3d_transpose

def loss(x, k1, k2):
    options = dict(strides=(2, 2, 2), padding=(1, 1, 1), implementation="fast")
    return (jnp.tanh(conv3d_transpose(conv3d(x, k1, **options), k2, **options)) ** 2).sum()

rng = np.random.default_rng(0)
shapes = (4, 4, 16, 32, 5), (4, 4, 4, 5, 6), (4, 4, 4, 3, 6)
args = [rng.normal(size=s).astype(np.float32) / 10 for s in shapes]
mesh = jax.make_mesh((2,), ("data",), axis_types=(AxisType.Auto,))
split, whole = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in (("data",), ()))
shardings = split, whole, whole
gradients = jax.grad(loss, (0, 1, 2))
sharded = jax.jit(gradients, in_shardings=shardings, out_shardings=shardings)
program = sharded.lower(*args).compile().as_text()
assert "all-reduce" in program
for other in ("all-gather", "all-to-all", "collective-permute"):
    assert other not in program, other
for a, d in zip(sharded(*args), jax.jit(gradients)(*args)):
    assert np.abs(a - d).max() <= 1e-5 * np.abs(d).max()
"""


def test_sharded_batch_stays_sharded():
    """In a fresh process, because the number of devices is fixed at the start."""
    flags = "--xla_force_host_platform_device_count=2"
    environment = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", SHARDED]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("platform", "implementation"), [("cpu", "fast"), ("tpu", "fast"), ("gpu", "lax")]
)
def test_the_platform_decides_what_auto_is(platform, implementation):
    x, kernel = jnp.ones((1, 4, 8, 8, 2)), jnp.ones((4, 4, 4, 2, 3))

    def program(**options):
        halve = partial(conv3d, strides=(2, 2, 2), padding=(1, 1, 1), **options)
        return str(jax.make_jaxpr(halve)(x, kernel))

    assert program(platform=platform) == program(implementation=implementation)
    assert program(implementation="fast") != program(implementation="lax")
