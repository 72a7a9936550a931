"""Blockwise against plain attention, and both against loops over tokens."""

import os
import re
import subprocess
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops import attention
from ssagan_jax.ops.attention import LAYOUTS, attend
from ssagan_jax.ops.repeated_frames import expand_repeats

B, T, H, W, C, C_V = 2, 3, 4, 2, 5, 7


@pytest.fixture
def small_blocks(monkeypatch):
    """One to four queries a block, for a batch of two and maps of 24 or 8 tokens."""
    monkeypatch.setattr(attention, "_BLOCK_BYTES", 4 * B * 32)


def clips(*, size=(B, T, H, W), features=(C, C, C_V), scale=1.0, dtype=jnp.float32):
    rng = np.random.default_rng(0)
    return [jnp.asarray(scale * rng.normal(size=(*size, c)), dtype) for c in features]


def assert_close(actual, desired, *, tolerance=1e-5):
    actual, desired = (map(np.asarray, jax.tree.leaves(x)) for x in (actual, desired))
    for a, d in zip(actual, desired, strict=True):
        assert a.shape == d.shape
        assert a.dtype == d.dtype
        assert np.abs(a - d).max() <= tolerance * np.abs(d).max()


def nonlinear(implementation, kind, *args):
    return jnp.tanh(attend(*args, kind=kind, implementation=implementation)).sum()


def squared_gradients(implementation, kind, *args):
    gradients = jax.grad(partial(nonlinear, implementation, kind), (0, 1, 2))(*args)
    return sum((g**2).sum() for g in gradients)


def attended(*args, **options):
    """What ``attend`` returns, as one program, traced anew."""
    return np.asarray(jax.jit(partial(attend, **options))(*args))


def both(f, *args):
    """`f(implementation)(*args)` for the blockwise and the plain implementation."""
    return jax.jit(lambda *args: [f(i)(*args) for i in ("blockwise", "plain")])(*args)


@pytest.mark.parametrize("kind", LAYOUTS)
class TestBlockwise:
    def test_several_blocks(self, kind, small_blocks):
        program = jax.make_jaxpr(partial(attend, kind=kind, implementation="blockwise"))(*clips())
        tokens, size = (24, 1) if kind == "spatiotemporal" else (8, 4)
        assert attention._block_size(B, tokens, "cpu") == size
        assert f"f32[{B},{size},{tokens}]" in str(program)

    def test_values(self, kind, small_blocks):
        assert_close(*both(lambda i: partial(attend, kind=kind, implementation=i), *clips()))

    def test_gradients(self, kind, small_blocks):
        assert_close(*both(lambda i: jax.grad(partial(nonlinear, i, kind), (0, 1, 2)), *clips()))

    def test_second_order(self, kind, small_blocks):
        assert_close(
            *both(lambda i: jax.grad(partial(squared_gradients, i, kind), (0, 1, 2)), *clips()),
            tolerance=1e-4,
        )

    def test_vmap(self, kind, small_blocks):
        several = [np.stack([x, np.asarray(x)[::-1] / 2]) for x in clips()]
        form = partial(attend, kind=kind, implementation="blockwise")

        @jax.jit
        def found_and_expected(*several):
            expected = jnp.stack([form(*(x[i] for x in several)) for i in range(2)])
            return jax.vmap(form)(*several), expected

        assert_close(*found_and_expected(*several))

    def test_large_logits(self, kind, small_blocks):
        """Products in the millions: the softmax is nearly one-hot, nothing overflows."""
        args = clips(scale=1e3)
        blockwise, plain = both(
            lambda i: jax.value_and_grad(partial(nonlinear, i, kind), (0, 1, 2)), *args
        )
        assert_close(blockwise, plain)
        assert all(np.isfinite(x).all() for x in jax.tree.leaves([blockwise, plain]))

    def test_summed_as_on_a_tpu(self, kind):
        def loss(query, key, value, **options):
            return jnp.tanh(attend(query, key, value, kind=kind, **options)).sum()

        def found_and_expected(*args):
            forms = (dict(implementation="blockwise", platform="tpu"), dict(implementation="plain"))
            return [jax.value_and_grad(partial(loss, **form), (0, 1, 2))(*args) for form in forms]

        assert_close(*jax.jit(found_and_expected)(*clips(scale=3.0)))


def by_loop(query, key, value, groups):
    """Attention of one clip by the definition.

    Args:
      query, key, value: [t, h, w, c].
      groups: attention maps, each a list of tokens, each a list of (t, h, w).
    """
    result = np.zeros_like(value)
    for tokens in groups:
        for token in tokens:
            scores = [
                sum(query[p] @ key[o] for p, o in zip(token, other, strict=True))
                for other in tokens
            ]
            weights = np.exp(scores - np.max(scores))
            weights /= weights.sum()
            for i, place in enumerate(token):
                result[place] = sum(a * value[o[i]] for a, o in zip(weights, tokens, strict=True))
    return result


POSITIONS = list(np.ndindex(H, W))
GROUPS = {
    "per_frame": [[[(t, *p)] for p in POSITIONS] for t in range(T)],
    "shared": [[[(t, *p) for t in range(T)] for p in POSITIONS]],
    "spatiotemporal": [[[(t, *p)] for t in range(T) for p in POSITIONS]],
}


@pytest.mark.parametrize("implementation", ["plain", "blockwise"])
@pytest.mark.parametrize("kind", LAYOUTS)
def test_meaning_of_each_kind(kind, implementation, small_blocks):
    args = clips()
    result = attended(*args, kind=kind, implementation=implementation)
    for i in range(B):
        expected = by_loop(*(np.asarray(x[i], np.float64) for x in args), GROUPS[kind])
        np.testing.assert_allclose(result[i], expected, rtol=1e-5, atol=1e-5)


def test_kinds_differ():
    results = [attended(*clips(), kind=kind) for kind in LAYOUTS]
    for i in range(len(results)):
        for j in range(i):
            assert np.abs(results[i] - results[j]).max() > 0.1


@pytest.mark.parametrize(
    "layout", ["(b h) (t w) c", "(b h w) t c"], ids=["per row", "per position"]
)
def test_a_new_kind_is_a_line(layout, monkeypatch, small_blocks):
    monkeypatch.setitem(LAYOUTS, "new", layout)
    result = attended(*clips(), kind="new", implementation="blockwise")
    groups = {
        "(b h) (t w) c": [[[(t, h, w)] for t in range(T) for w in range(W)] for h in range(H)],
        "(b h w) t c": [[[(t, *p)] for t in range(T)] for p in POSITIONS],
    }[layout]
    expected = by_loop(*(np.asarray(x[0], np.float64) for x in clips()), groups)
    np.testing.assert_allclose(result[0], expected, rtol=1e-5, atol=1e-5)


def largest_array(jaxpr):
    """The number of elements of the largest intermediate result, loops included."""
    sizes = [v.aval.size for equation in jaxpr.eqns for v in equation.outvars]
    inner = [x for e in jaxpr.eqns for x in jax.tree.leaves(e.params, is_leaf=is_jaxpr)]
    inner = [getattr(x, "jaxpr", x) for x in inner if is_jaxpr(x)]
    return max(sizes + [largest_array(x) for x in inner], default=0)


def is_jaxpr(x):
    return hasattr(x, "eqns") or hasattr(getattr(x, "jaxpr", None), "eqns")


def largest_of_gradients(size, kind, implementation):
    clip = jax.ShapeDtypeStruct((*size, 4), jnp.float32)
    f = jax.value_and_grad(partial(nonlinear, implementation, kind), (0, 1, 2))
    return largest_array(jax.make_jaxpr(f)(clip, clip, clip).jaxpr)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_auto_never_holds_large_maps(kind):
    size = (1, 8, 64, 64)
    tokens = 8 * 64 * 64 if kind == "spatiotemporal" else 64 * 64
    assert largest_of_gradients(size, kind, "auto") < tokens**2
    assert largest_of_gradients(size, kind, "auto") <= attention._BLOCK_BYTES / 4
    assert largest_of_gradients(size, kind, "plain") >= tokens**2


@pytest.mark.parametrize("kind", LAYOUTS)
def test_auto_takes_small_maps_at_once(kind):
    args = clips()
    programs = {
        i: str(jax.make_jaxpr(partial(attend, kind=kind, implementation=i))(*args))
        for i in ("auto", "plain", "blockwise")
    }
    assert programs["auto"] == programs["plain"] != programs["blockwise"]


@pytest.mark.parametrize("implementation", ["plain", "blockwise"])
def test_low_precision_keeps_the_softmax_precise(implementation, small_blocks):
    form = partial(attend, kind="shared", implementation=implementation)
    args = clips(dtype=jnp.bfloat16)

    @jax.jit
    def made(*args):
        gradients = jax.grad(lambda *a: form(*a).sum(), (0, 1, 2))(*args)
        return form(*args), gradients, form(*(x.astype(jnp.float32) for x in args))

    result, gradients, exact = made(*args)
    assert [x.dtype for x in (result, *gradients)] == [jnp.bfloat16] * 4
    np.testing.assert_allclose(np.asarray(result, np.float32), exact, atol=0.03)
    program = str(jax.make_jaxpr(form)(*args))
    exponentials = [line for line in program.splitlines() if " exp " in line]
    assert exponentials
    assert all("f32" in line and "bf16" not in line for line in exponentials)


@pytest.mark.parametrize(
    ("batch", "tokens", "size"), [(1, 4096, 512), (4, 4096, 128), (1, 1000, 1000), (1, 4099, 1)]
)
def test_block_sizes_divide_the_tokens(batch, tokens, size, monkeypatch):
    monkeypatch.setattr(attention, "_BLOCK_BYTES", 8 * 2**20)
    assert attention._block_size(batch, tokens, "cpu") == size


def test_unknown_kind():
    known = "per_frame, shared, spatiotemporal"
    with pytest.raises(ValueError, match=rf'attention kind "frames"\. Available: {known}\.'):
        attend(*clips(), kind="frames")


def test_unknown_implementation():
    known = "auto, blockwise, cudnn, plain"
    with pytest.raises(ValueError, match=rf'implementation "flash"\. Available: {known}\.'):
        attend(*clips(), kind="shared", implementation="flash")


def test_the_platform_decides_how_large_blocks_are(small_blocks):
    def program(platform):
        how = dict(kind="shared", implementation="blockwise", platform=platform)
        return str(jax.make_jaxpr(partial(attend, **how))(*clips()))

    assert f"f32[{B},4,8]" in program("cpu")
    assert f"f32[{B},8,8]" in program("tpu")
    assert program(None) == program(jax.default_backend())


def test_16_bit_products_have_16_bit_factors_in_both_directions():
    """And are float32's, to bfloat16's precision."""

    def gradients(dtype, kind):
        def loss(*args):
            result = attend(*args, kind=kind, implementation="plain").astype(jnp.float32)
            return (result**2).sum()

        return jax.jit(jax.grad(loss, (0, 1, 2))), clips(features=(4, 4, 6), dtype=dtype)

    for kind in LAYOUTS:
        short, args = gradients(jnp.bfloat16, kind)
        text = short.lower(*args).as_text()
        factors = re.findall(r"dot_general.*: \(tensor<\S*x(\w+)>, tensor<\S*x(\w+)>\)", text)
        assert len(factors) == 6 and set(factors) == {("bf16", "bf16")}
        exact, same = gradients(jnp.float32, kind)
        found = [np.asarray(x, np.float32) for x in short(*args)]
        assert_close(found, exact(*same), tolerance=0.05)


@pytest.fixture
def pretend_cudnn(monkeypatch):
    """JAX asks which cuDNN is there when it traces; programs can be lowered without one."""
    import jax._src.cudnn.fused_attention_stablehlo as module

    monkeypatch.setattr(module, "check_cudnn_version", lambda *_: 91000)
    monkeypatch.setattr(module, "check_compute_capability", lambda *_: True)
    monkeypatch.setattr(module, "is_cuda_compute_capability_equal", lambda *_: False)


@pytest.mark.parametrize("kind", ["per_frame", "spatiotemporal"])
def test_cudnn_is_lowered_for_cuda(kind, pretend_cudnn):
    def loss(*args):
        return attend(*args, kind=kind, implementation="cudnn").astype(jnp.float32).sum()

    args = clips(size=(2, 3, 8, 8), features=(4, 4, 12), dtype=jnp.bfloat16)
    traced = jax.jit(jax.value_and_grad(loss, (0, 1, 2))).trace(*args)
    assert [x.shape for x in traced.out_info[1]] == [x.shape for x in args]
    text = traced.lower(lowering_platforms=("cuda",)).as_text()
    called = set(re.findall(r"stablehlo\.custom_call @([\w$]+)", text))
    assert called == {"__cudnn$fmhaSoftmax", "__cudnn$fmhaSoftmaxBackward"}
    maps, tokens = (6, 64) if kind == "per_frame" else (2, 192)
    assert f"tensor<{maps}x{tokens}x1x16xbf16>" in text  # twelve features, and four of zeros


@pytest.mark.skipif(jax.default_backend() != "gpu", reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("kind", ["per_frame", "spatiotemporal"])
def test_cudnn_is_plain_attention(kind):
    args = clips(size=(2, 3, 8, 8), features=(16, 16, 32), dtype=jnp.bfloat16)
    found, expected = (
        jax.jit(partial(attend, kind=kind, implementation=i))(*args) for i in ("cudnn", "plain")
    )
    assert_close(found.astype(jnp.float32), expected.astype(jnp.float32), tolerance=2e-2)


@pytest.mark.parametrize(
    ("dtype", "features", "kind", "text"),
    [
        (jnp.float32, 8, "per_frame", "float32 of 8"),
        (jnp.bfloat16, 136, "per_frame", "bfloat16 of 136"),
        (jnp.bfloat16, 64, "shared", "bfloat16 of 192"),  # of three frames
    ],
)
def test_what_cudnn_does_not_take_is_refused(dtype, features, kind, text):
    args = clips(features=(features,) * 3, dtype=dtype)
    with pytest.raises(ValueError, match=f"16-bit values of at most 128 features, got {text}"):
        attend(*args, kind=kind, implementation="cudnn")


SHARDED = """
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import AxisType, NamedSharding, PartitionSpec
from ssagan_jax.ops import attention

attention._BLOCK_BYTES = 4 * 4 * 64 * 16
rng = np.random.default_rng(0)
args = [rng.normal(size=(4, 2, 8, 8, 3)).astype(np.float32) for _ in range(3)]
mesh = jax.make_mesh((2,), ("data",), axis_types=(AxisType.Auto,))
split = NamedSharding(mesh, PartitionSpec("data"))
for kind in attention.LAYOUTS:
    def loss(*args):
        return (attention.attend(*args, kind=kind, implementation="blockwise") ** 2).sum()
    gradients = jax.grad(loss, (0, 1, 2))
    sharded = jax.jit(gradients, in_shardings=(split,) * 3, out_shardings=(split,) * 3)
    program = sharded.lower(*args).compile().as_text()
    for other in ("all-gather", "all-to-all", "collective-permute", "all-reduce"):
        assert other not in program, (kind, other)
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


@pytest.mark.parametrize("kind", LAYOUTS)
def test_of_a_folded_clip_every_frame_counts_as_often_as_it_occurs(kind):
    folded, kept = clips(), (1, 30, 1)

    @jax.jit
    def made(*folded):
        every = [expand_repeats(x, kept) for x in folded]
        counted, once = (attend(*folded, kind=kind, **n) for n in ({"repeats": kept}, {}))
        expected = attend(*every, kind=kind)
        return expected, expand_repeats(counted, kept), expand_repeats(once, kept)

    expected, found, once = map(np.asarray, made(*folded))
    assert_close(found, expected)
    if kind != "per_frame":
        assert np.abs(once - expected).max() > 0.01
