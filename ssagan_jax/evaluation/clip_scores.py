"""Scores of single clips, on the device: prediction and still picture against the real clip.

What is computed is whatever the files of ``ssagan_jax.metrics`` offer.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, UInt8

from ssagan_jax import metrics
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.ops.image import to_float

# What is scored; "reference" gets motion measures only, to divide by.
SCORED = ("prediction", "still", "reference")


@jax.jit
def score_batch(
    prediction: UInt8[Array, "b t h w 3"], reference: UInt8[Array, "b t h w 3"]
) -> dict[str, Any]:
    """Scores one batch, clip by clip, so that memory does not grow with the batch.

    Returns:
      Arrays whose second axis follows ``SCORED``:
      ``{"frame": {convention: {metric: [b 2 t]}}, "clip": {convention: {metric: [b 2]}},
      "ratio": {metric: [b 3]}, "share": {metric: [b 3]}}``.
    """
    return jax.lax.map(lambda pair: _score_clip(*pair), (prediction, reference))


def _score_clip(
    prediction: UInt8[Array, "t h w 3"], reference: UInt8[Array, "t h w 3"]
) -> dict[str, Any]:
    prediction, reference = (to_float(x) for x in (prediction, reference))
    still = jnp.broadcast_to(reference[:1], reference.shape)
    clips = jnp.stack((prediction, still, reference))
    return {
        "frame": _against(clips[:2], reference, functions=metrics.collect_table("FRAME")),
        "clip": _against(clips[:2], reference, functions=metrics.collect_table("CLIP")),
        "ratio": {name: f(clips) for name, f in metrics.collect_table("RATIO").items()},
        "share": {name: f(clips) for name, f in metrics.collect_table("SHARE").items()},
    }


def _against(
    clips: Float[Array, "rows t h w 3"],
    reference: Float[Array, "t h w 3"],
    *,
    functions: Mapping[str, Callable[..., Array]],
) -> dict[str, dict[str, Array]]:
    """``{convention: {metric: its values for each row}}``."""
    return {
        key: {
            name: jax.vmap(partial(f, convention=convention), in_axes=(0, None))(clips, reference)
            for name, f in functions.items()
        }
        for key, convention in CONVENTIONS.items()
    }
