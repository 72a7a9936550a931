"""Self-attention over a clip: one table says which positions attend to which.

The attention maps of a clip are far larger than the clip: 32 frames of 64 x 64 have
131,072 positions, and one map over all of them would fill 69 GB. The blockwise form
never holds more than a few rows of a map: it takes the queries block by block, each
with its full row of keys, keeps only the result and two numbers per query, and
computes each block again for the gradients. Both forms are exact.
"""

import re
from functools import partial
from math import prod

import jax
import jax.numpy as jnp
from einops import rearrange
from jax import lax
from jaxtyping import Array, Float

from ssagan_jax.ops.repeated_frames import Repeats

# kind -> "maps tokens features": which axes index separate attention maps, the tokens
# of a map and the features of a token. A new kind is a new line; its maps start with b.
LAYOUTS = {
    "per_frame": "(b t) (h w) c",  # positions of one frame attend to each other
    "shared": "b (h w) (t c)",  # one map for all frames, as in the authors' code
    "spatiotemporal": "b (t h w) c",  # every position of the clip attends to every other
}
IMPLEMENTATIONS = ("auto", "plain", "blockwise", "cudnn")

# The scores computed at once. Measured on two CPU cores: larger blocks leave the cache,
# smaller ones repeat too much; maps that fit all together gain nothing from blocks.
_BLOCK_BYTES = 8 * 2**20
# Elsewhere blocks are larger by this factor, to keep the loop short. Best of 1, 4, 16 and 64 by the
# TPU compiler's estimates; not measured on a GPU yet.
_ACCELERATOR_FACTOR = 64
_CUDNN_FEATURES = 128  # 256 from Hopper on


def attend(
    query: Float[Array, "b t h w c"],
    key: Float[Array, "b t h w c"],
    value: Float[Array, "b t h w c_v"],
    *,
    kind: str,
    implementation: str = "auto",
    repeats: Repeats = None,
    platform: str | None = None,
) -> Float[Array, "b t h w c_v"]:
    """Single-head attention: each token's softmax(query . keys), applied to the values.

    The products are not scaled, as in the paper. They and the softmax are computed in
    float32; the result has the dtype of `value`.

    Args:
      query: the queries.
      key: the keys.
      value: the values, possibly with other features.
      kind: a name in `LAYOUTS`.
      implementation: "plain" holds all attention maps, "blockwise" a few rows of them
        at a time, "auto" takes "plain" while the maps are small. "cudnn" is NVIDIA's fused
        kernel: 16-bit values of at most 128 features (a frame's, as in "per_frame"), on GPUs
        only; not measured yet, so "auto" does not take it.
      repeats: of repeated frames (see ``ops.repeated_frames``); the result is that of every frame.
      platform: "cpu", "gpu" or "tpu": decides how large blocks are, and how a softmax is summed;
        None: that of this process.

    Raises:
      ValueError: the kind or the implementation is unknown, or the values are none that "cudnn"
        takes.
      RuntimeError: "cudnn" where there is none.
    """
    _check("attention kind", kind, LAYOUTS)
    _check("attention implementation", implementation, IMPLEMENTATIONS)
    maps, tokens, features = re.findall(r"\(.*?\)|\S+", LAYOUTS[kind])
    query, key = _count_repeats(query, key, repeats, tokens=tokens, features=features)
    # The batch axis stays apart: it may be spread over devices, so no loop runs over it.
    layout = f"b ({maps.strip('()').removeprefix('b')}) {tokens} {features}"
    query, key, rows = (rearrange(x, f"b t h w c -> {layout}") for x in (query, key, value))
    size = 4 * prod(query.shape[:3]) * query.shape[2]
    if implementation == "auto":
        implementation = "plain" if size <= _BLOCK_BYTES else "blockwise"
    if implementation == "plain":
        result = _plain(query, key, rows)
    elif implementation == "cudnn":
        result = _cudnn(query, key, rows)
    else:
        result = _blockwise(query, key, rows, platform or jax.default_backend())
    _, t, h, w, _ = value.shape
    return rearrange(result, f"{layout} -> b t h w c", t=t, h=h, w=w)


def _check(what, name, known):
    if name not in known:
        raise ValueError(f'Unknown {what} "{name}". Available: {", ".join(sorted(known))}.')


def _count_repeats(query, key, repeats, *, tokens, features):
    """Lets every one of repeated frames count as often as it occurs.

    Where time is a feature, in the products. Where it is part of the tokens, in the softmax: n
    equal keys weigh as one whose score is larger by log n, which two more features add (two, so
    that bfloat16 holds the logarithm well enough). Where each frame has a map of its own, not.
    """
    if repeats is None or "t" not in tokens + features:
        return query, key
    times = jnp.asarray(repeats, jnp.float32)[:, None, None, None]
    if "t" in features:
        return (query * times).astype(query.dtype), key
    coarse = jnp.log(times).astype(key.dtype)
    fine = (jnp.log(times) - coarse).astype(key.dtype)
    both = jnp.broadcast_to(jnp.concatenate([coarse, fine], -1), (*key.shape[:4], 2))
    ones = jnp.ones((*query.shape[:4], 2), query.dtype)
    return jnp.concatenate([query, ones], -1), jnp.concatenate([key, both], -1)


# From here on arrays are [b, maps, tokens, features] and, within a loop, [b, tokens, features].


def _product(equation, a, b):
    """An einsum of factors in the dtype of `b`, summed in float32."""
    return jnp.einsum(equation, a.astype(b.dtype), b, preferred_element_type=jnp.float32)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _product_both_ways(equation, a, b):
    """``_product`` whose gradients are such products too: JAX's own have a float32 factor."""
    return _product(equation, a, b)


def _product_forward(equation, a, b):
    return _product_both_ways(equation, a, b), (a, b)


def _product_backward(equation, factors, dresult):
    a, b = factors
    of_a, of_b, of_result = re.findall(r"\w+", equation)
    da = _product_both_ways(f"{of_result},{of_b}->{of_a}", dresult, b)
    db = _product_both_ways(f"{of_result},{of_a}->{of_b}", dresult, a.astype(b.dtype))
    return da.astype(a.dtype), db.astype(b.dtype)


_product_both_ways.defvjp(_product_forward, _product_backward)


def _plain(query, key, value):
    product = _product if value.dtype == jnp.float32 else _product_both_ways
    weights = jax.nn.softmax(product("bmqc,bmkc->bmqk", query, key), axis=-1)
    return product("bmqk,bmkc->bmqc", weights, value).astype(value.dtype)


def _cudnn(query, key, value):
    """One head, which has a batch entry for each map, and zeros for missing features."""
    b, m, _, features = value.shape
    head = -(-max(features, query.shape[-1]) // 8) * 8
    if value.dtype not in (jnp.bfloat16, jnp.float16) or head > _CUDNN_FEATURES:
        raise ValueError(
            f"cuDNN's attention takes 16-bit values of at most {_CUDNN_FEATURES} features, got "
            f'{value.dtype} of {head}. Take "auto".'
        )

    def padded(x):
        x = rearrange(x.astype(value.dtype), "b m n c -> (b m) n 1 c")
        return jnp.pad(x, ((0, 0), (0, 0), (0, 0), (0, head - x.shape[-1])))

    result = jax.nn.dot_product_attention(
        padded(query), padded(key), padded(value), scale=1.0, implementation="cudnn"
    )
    return rearrange(result[..., :features], "(b m) n 1 c -> b m n c", b=b, m=m)


@partial(jax.custom_vjp, nondiff_argnums=(3,))
def _blockwise(query, key, value, platform):
    return _blockwise_forward(query, key, value, platform)[0]


def _blockwise_forward(query, key, value, platform):
    """Also returns what the gradients need: nothing larger than the arguments."""

    def attend_in_map(operands):
        query_blocks, key, value = operands
        return lax.map(lambda query: _attend_block(query, key, value, platform), query_blocks)

    operands = (_to_blocks(query, query, platform), _maps_first(key), _maps_first(value))
    result, largest, total = map(_from_blocks, lax.map(attend_in_map, operands))
    return result, (query, key, value, result, largest, total)


def _attend_block(query, key, value, platform):
    """The result, and each softmax's largest score and sum.

    Kept apart rather than as one logarithm, they recompute the softmax to full
    precision however large the scores.

    On a TPU the product with the values, which get a feature of ones more, makes the sum. A sum of
    its own reads the block once more and computes every exponential twice, by the TPU compiler's
    estimates three quarters of the time; the feature is free beside up to 127 others.
    """
    scores = _product("bqc,bkc->bqk", query, key)
    largest = scores.max(-1, keepdims=True)
    weights = jnp.exp(scores - largest)
    if platform == "tpu":
        value = jnp.concatenate([value, jnp.ones_like(value[..., :1])], -1)
        summed = _product("bqk,bkc->bqc", weights, value)
        result, total = summed[..., :-1], summed[..., -1:]
    else:
        total = weights.sum(-1, keepdims=True)
        result = _product("bqk,bkc->bqc", weights, value)
    return (result / total).astype(value.dtype), largest, total


def _blockwise_backward(platform, saved, dresult):
    query, key, value, result, largest, total = saved
    dresult = dresult / total
    inner = (dresult * result).sum(-1, keepdims=True, dtype=jnp.float32)

    def gradients_in_map(operands):
        *query_blocks, key, value = operands
        start = tuple(jnp.zeros_like(x.mT, jnp.float32) for x in (key, value))
        step = partial(_block_gradients, key, value)
        return lax.scan(step, start, query_blocks)

    blocks = (_to_blocks(x, query, platform) for x in (query, dresult, largest, inner))
    operands = (*blocks, _maps_first(key), _maps_first(value))
    (dkey, dvalue), dquery = lax.map(gradients_in_map, operands)
    gradients = _from_blocks(dquery), _maps_first(dkey.mT), _maps_first(dvalue.mT)
    return tuple(g.astype(x.dtype) for g, x in zip(gradients, (query, key, value), strict=True))


def _block_gradients(key, value, so_far, block):
    """Adds one block's part to the gradients of the keys and values, returns its queries'.

    Those gradients are summed as [b, c, tokens]: as [b, tokens, c] the same products are
    ten times slower on a CPU.
    """
    dkey, dvalue = so_far
    query, dresult, largest, inner = block
    weights = jnp.exp(_product("bqc,bkc->bqk", query, key) - largest)
    dvalue += _product("bqc,bqk->bck", dresult, weights)
    dscores = weights * (_product("bqc,bkc->bqk", dresult, value) - inner)
    dkey += _product("bqc,bqk->bck", query, dscores.astype(query.dtype))
    return (dkey, dvalue), _product("bqk,bkc->bqc", dscores, key)


_blockwise.defvjp(_blockwise_forward, _blockwise_backward)


def _block_size(batch, tokens, platform):
    """The largest divisor of `tokens` whose block of scores is within the limit."""
    most = _BLOCK_BYTES * (1 if platform == "cpu" else _ACCELERATOR_FACTOR)
    limit = max(1, most // (4 * batch * tokens))
    return max(n for n in range(1, min(limit, tokens) + 1) if tokens % n == 0)


def _to_blocks(x, query, platform):
    """[b, maps, tokens, c] to [maps, blocks, b, tokens of a block, c], to loop over."""
    size = _block_size(query.shape[0], query.shape[2], platform)
    return rearrange(x, "b m (n s) c -> m n b s c", s=size)


def _from_blocks(x):
    return rearrange(x, "m n b s c -> b m (n s) c")


def _maps_first(x):
    return x.swapaxes(0, 1)
