"""From the scores of single frames and clips to the numbers of a result.

Plain NumPy, in double precision. Infinite values (the PSNR of a frame equal to its
reference) are left out of means and counted; a mean over nothing is None, since JSON
knows neither infinity nor NaN.

A ratio of motion is pooled, so that still reference clips do no harm; but one clip that moves much
may decide it. So the median over clips of each clip's own ratio stands beside it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from ssagan_jax.metrics.bootstrap import Resampling
from ssagan_jax.metrics.conventions import CONVENTIONS

Scores = Mapping[str, Float[np.ndarray, "n ..."]]
# A mean as sum(above) / sum(below), one number of each per clip: what can be resampled.
Parts = tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]
# Ratios that have a median over clips besides, and its name.
MEDIANS = {"energy_ratio": "energy_ratio_median", "flow_ratio": "flow_ratio_median"}


def summarise_scores(
    frame: Mapping[str, Scores],
    clip: Mapping[str, Scores],
    ratio: Scores,
    mean: Scores,
    *,
    reference: Scores,
    resampling: Resampling,
) -> dict[str, Any]:
    """One row of a result.

    Args:
      frame: ``{convention: {metric: [n t]}}``, one value per frame of n clips.
      clip: ``{convention: {metric: [n]}}``, one value per clip.
      ratio: ``{metric: [n]}``, to be divided by the reference's.
      mean: ``{metric: [n]}``, to be averaged.
      reference: what ``ratio`` is for the real clips.
      resampling: the resamples of videos that give each mean its interval.

    Returns:
      ``{convention: {metric: mean}, "motion": {metric: value}, "curves": {convention:
      {metric: [t]}}, "left_out": {convention: {metric: count}, "motion": {median: count}},
      "interval": {convention or "motion": {metric: [low, high]}}, "quartiles": {"motion":
      {median: [low, high]}}}``. Means are over clips of the mean over each clip's counted
      frames; curves have every frame. Medians leave out clips whose reference is 0.
    """
    counted = {
        key: {name: v[:, convention.first_frame :] for name, v in frame[key].items()}
        | {name: v[:, None] for name, v in clip[key].items()}
        for key, convention in CONVENTIONS.items()
    }
    parts = _each(counted, finite_parts)
    parts["motion"] = {name: (v, reference[name]) for name, v in ratio.items()}
    parts["motion"] |= {name: finite_parts(v[:, None]) for name, v in mean.items()}
    means = _each(parts, lambda p: mean_ratio(*p))
    own = {MEDIANS[k]: own_ratios(v, reference[k]) for k, v in ratio.items() if k in MEDIANS}
    medians = {name: _quantiles(v, 0.5) for name, v in own.items()}
    left_out = _each(counted, lambda v: int((~np.isfinite(v)).sum()))
    return {
        **means,
        "motion": dict(sorted((means["motion"] | medians).items())),
        "curves": _each(frame, curve),
        "left_out": left_out | {"motion": {k: int(np.isnan(v).sum()) for k, v in own.items()}},
        "interval": _each(parts, lambda p: resampling.interval(*p)),
        "quartiles": {"motion": {k: _quantiles(v, [0.25, 0.75]) for k, v in own.items()}},
    }


def finite_parts(values: Float[np.ndarray, "n t"]) -> Parts:
    """Each clip's mean over its finite values, and 1; 0 and 0 for a clip that has none."""
    finite = np.isfinite(values)
    counts = finite.sum(axis=1)
    sums = np.where(finite, values, 0).sum(axis=1)
    return sums / np.maximum(counts, 1), (counts > 0).astype(np.float64)


def finite_mean(values: Float[np.ndarray, "n t"]) -> float | None:
    """Mean over clips of each clip's mean over its finite values."""
    return mean_ratio(*finite_parts(values))


def curve(values: Float[np.ndarray, "n t"]) -> list[float | None]:
    """Mean over clips of each frame."""
    return [finite_mean(column[:, None]) for column in values.T]


def mean_ratio(above: Float[np.ndarray, " n"], below: Float[np.ndarray, " n"]) -> float | None:
    """Mean over clips above / mean over clips below; None if the latter is 0.

    Of predictions and references: a still reference clip does no harm.
    """
    total = float(np.sum(below))
    return float(np.sum(above)) / total if total > 0 else None


def own_ratios(
    above: Float[np.ndarray, " n"], below: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Each clip's own ratio; NaN where ``below`` is 0."""
    return np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)


def _quantiles(values: Float[np.ndarray, " n"], at: float | list[float]) -> Any:
    """Of the values that are no NaN, as JSON; None without any."""
    values = values[~np.isnan(values)]
    return np.quantile(values, at).tolist() if len(values) else None


def _each(
    scores: Mapping[str, Mapping[str, Any]], function: Callable[[Any], Any]
) -> dict[str, dict[str, Any]]:
    return {
        key: {name: function(values) for name, values in sorted(table.items())}
        for key, table in scores.items()
    }
