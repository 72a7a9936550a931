"""What one position attends to: a row of an attention map, without the map."""

import re

import jax
import jax.numpy as jnp
from einops import rearrange
from jaxtyping import Array, Float, Int

from ssagan_jax.ops.attention import LAYOUTS


def attention_row(
    query: Float[Array, "b t h w c"],
    key: Float[Array, "b t h w c"],
    position: Int[Array, "b 3"],
    *,
    kind: str,
) -> Float[Array, "b t2 h w"]:
    """The weights with which `ops.attention.attend` sums the values for one position per clip.

    Args:
      query: the queries.
      key: the keys.
      position: frame, row and column of the position.
      kind: a name in `LAYOUTS`.

    Returns:
      Float32 weights that sum to 1, of all frames where `kind` attends over time
      (`spatiotemporal`), else of one: the position's own (`per_frame`), or all alike (`shared`).

    Raises:
      ValueError: the kind is unknown.
    """
    if kind not in LAYOUTS:
        raise ValueError(
            f'Unknown attention kind "{kind}". Available: {", ".join(sorted(LAYOUTS))}.'
        )
    maps, tokens, features = re.findall(r"\(.*?\)|\S+", LAYOUTS[kind])
    _, t, h, w, _ = query.shape
    sizes = {"t": t, "h": h, "w": w}

    def index(axes, at):
        """Where a position is along several axes laid out as one."""
        total = jnp.zeros((), at.dtype)
        for axis in axes.strip("()").removeprefix("b").split():
            total = total * sizes[axis] + at["thw".index(axis)]
        return total

    layout = f"({maps.strip('()').removeprefix('b')}) {tokens} {features}"

    def one(query, key, at):
        query, key = (rearrange(x, f"t h w c -> {layout}") for x in (query, key))
        chosen = index(maps, at)
        products = jnp.einsum(
            "c,kc->k", query[chosen, index(tokens, at)], key[chosen],
            preferred_element_type=jnp.float32,
        )  # fmt: skip
        return jax.nn.softmax(products).reshape(t if "t" in tokens else 1, h, w)

    return jax.vmap(one)(query, key, position)
