"""From the scores of single frames and clips to the numbers of a result.

Plain NumPy, in double precision. Infinite values (the PSNR of a frame equal to its
reference) are left out of means and counted; a mean over nothing is None, since JSON
knows neither infinity nor NaN.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from ssagan_jax.metrics.conventions import CONVENTIONS

Scores = Mapping[str, Float[np.ndarray, "n ..."]]


def summarise(
    frame: Mapping[str, Scores],
    clip: Mapping[str, Scores],
    ratio: Scores,
    share: Scores,
    *,
    reference: Scores,
) -> dict[str, Any]:
    """One row of a result.

    Args:
      frame: ``{convention: {metric: [n t]}}``, one value per frame of n clips.
      clip: ``{convention: {metric: [n]}}``, one value per clip.
      ratio: ``{metric: [n]}``, to be divided by the reference's.
      share: ``{metric: [n]}``, to be averaged.
      reference: what ``ratio`` is for the real clips.

    Returns:
      ``{convention: {metric: mean}, "motion": {metric: value}, "curves": {convention:
      {metric: [t]}}, "left_out": {convention: {metric: count}}}``. Means are over
      clips of the mean over each clip's counted frames; curves have every frame.
    """
    counted = {
        key: {name: v[:, convention.first_frame :] for name, v in frame[key].items()}
        | {name: v[:, None] for name, v in clip[key].items()}
        for key, convention in CONVENTIONS.items()
    }
    shares = {name: finite_mean(v[:, None]) for name, v in share.items()}
    ratios = {name: mean_ratio(v, reference[name]) for name, v in ratio.items()}
    return {
        **_each(counted, finite_mean),
        "motion": ratios | shares,
        "curves": _each(frame, curve),
        "left_out": _each(counted, lambda v: int((~np.isfinite(v)).sum())),
    }


def finite_mean(values: Float[np.ndarray, "n t"]) -> float | None:
    """Mean over clips of each clip's mean over its finite values."""
    finite = np.isfinite(values)
    counts = finite.sum(axis=1)
    sums = np.where(finite, values, 0).sum(axis=1)
    used = counts > 0
    return float(np.mean(sums[used] / counts[used])) if used.any() else None


def curve(values: Float[np.ndarray, "n t"]) -> list[float | None]:
    """Mean over clips of each frame."""
    return [finite_mean(column[:, None]) for column in values.T]


def mean_ratio(
    prediction: Float[np.ndarray, " n"], reference: Float[np.ndarray, " n"]
) -> float | None:
    """Mean over predictions / mean over references: a still reference clip does no harm."""
    below = float(np.mean(reference))
    return float(np.mean(prediction)) / below if below > 0 else None


def _each(
    scores: Mapping[str, Scores], function: Callable[[np.ndarray], Any]
) -> dict[str, dict[str, Any]]:
    return {
        key: {name: function(values) for name, values in sorted(table.items())}
        for key, table in scores.items()
    }
