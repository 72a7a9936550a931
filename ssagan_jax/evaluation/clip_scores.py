"""Scores of single clips, on the device: predictions and still picture against the real clip.

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

# What is scored after the predictions; "reference" gets motion measures only, to divide by.
CONTROLS = ("still", "reference")


@jax.jit
def score_batch(
    predictions: UInt8[Array, "b p t h w 3"], reference: UInt8[Array, "b t h w 3"]
) -> dict[str, Any]:
    """Scores one batch, clip by clip, so that memory does not grow with the batch.

    Args:
      predictions: p of them for each clip.
      reference: the real clips.

    Returns:
      Arrays whose second axis is the predictions, in order, then ``CONTROLS``:
      ``{"frame": {convention: {metric: [b p+1 t]}}, "clip": {convention: {metric: [b p+1]}},
      "ratio": {metric: [b p+2]}, "mean": {metric: [b p+2]}}``.
    """
    return jax.lax.map(lambda pair: _score_clip(*pair), (predictions, reference))


def _score_clip(
    predictions: UInt8[Array, "p t h w 3"], reference: UInt8[Array, "t h w 3"]
) -> dict[str, Any]:
    predictions, reference = (to_float(x) for x in (predictions, reference))
    still = jnp.broadcast_to(reference[:1], reference.shape)
    clips = jnp.concatenate((predictions, jnp.stack((still, reference))))
    return {
        "frame": _against(clips[:-1], reference, functions=metrics.collect_table("FRAME")),
        "clip": _against(clips[:-1], reference, functions=metrics.collect_table("CLIP")),
        "ratio": {name: f(clips) for name, f in metrics.collect_table("RATIO").items()},
        "mean": {name: f(clips) for name, f in metrics.collect_table("MEAN").items()},
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
