"""Best of K: several clips of one photo, of which each metric keeps the best.

A model with noise is asked for one of many futures, so one clip says little of what it can do.
The best of K is chosen for each clip and each metric by itself, knowing the real clip: an upper
bound, to be read beside the first clip's scores, never instead of them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from ssagan_jax import metrics
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation.batches import ClipBatch, read_batches
from ssagan_jax.evaluation.clip_scores import SCORED, score_batch
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.metrics.summary import finite_mean


def score_best_of_k(
    animate: Callable[..., np.ndarray], source: ClipSource, *, batch_size: int, k: int
) -> dict[str, Any]:
    """Animates the first frame of every clip with the seeds 0 to ``k`` - 1 and scores all.

    Args:
      animate: ``(photos, seed=)``, uint8 [b h w 3] to uint8 [b t h w 3], as
        ``scoring.score_animator``'s, which uses the seed 0.
      source: the real clips, all of one shape.
      batch_size: how many clips are animated at a time.
      k: clips per photo.

    Returns:
      ``{"count": k, "first": {convention: {metric: mean}}, "best": the same}``: means over
      clips, of the seed 0 and of the best value among the seeds. A clip's value is the mean over
      its counted frames; infinite ones are left out, as everywhere.

    Raises:
      ValueError: if ``k`` is not positive, or clips differ in shape.
    """
    check_draws(k)
    batches = [_score_seeds(animate, batch, k) for batch in read_batches(source, batch_size)]
    values = jax.tree.map(lambda *x: np.concatenate(x), *batches)  # [clips, k]
    better = metrics.collect_table("BETTER")
    best = {"lower": np.fmin, "higher": np.fmax}
    return {
        "count": k,
        "first": _mean_over_clips(values, lambda name, v: v[:, 0]),
        "best": _mean_over_clips(values, lambda name, v: best[better[name]].reduce(v, axis=1)),
    }


def check_draws(draws: int) -> None:
    """Raises ValueError unless ``draws``, the clips per photo, is positive."""
    if draws < 1:
        raise ValueError(f"draws is the number of clips per photo, from 1 on, not {draws}.")


def _score_seeds(animate: Callable[..., np.ndarray], batch: ClipBatch, k: int) -> dict[str, Any]:
    """``{convention: {metric: [new, k]}}`` of one batch."""
    found = []
    for seed in range(k):
        pair = jax.device_put((animate(batch.clips[:, 0], seed=seed), batch.clips))
        found.append(_mean_over_frames(jax.device_get(score_batch(*pair)), batch.new))
    return jax.tree.map(lambda *x: np.stack(x, axis=1), *found)


def _mean_over_frames(scores: Mapping[str, Any], new: int) -> dict[str, Any]:
    """``{convention: {metric: [new]}}``: each clip's mean over its counted, finite frames."""
    row, found = SCORED.index("prediction"), {}
    for key, convention in CONVENTIONS.items():
        frames = {
            k: v[:new, row, convention.first_frame :] for k, v in scores["frame"][key].items()
        }
        clips = {k: v[:new, row, None] for k, v in scores["clip"][key].items()}
        found[key] = {k: _finite_means(v) for k, v in sorted((frames | clips).items())}
    return found


def _finite_means(values: np.ndarray) -> np.ndarray:
    """Over the last axis; NaN where nothing is finite."""
    means = [finite_mean(value[None]) for value in values.astype(np.float64)]
    return np.array([np.nan if mean is None else mean for mean in means])


def _mean_over_clips(
    values: Mapping[str, Any], choose: Callable[[str, np.ndarray], np.ndarray]
) -> dict[str, dict[str, float | None]]:
    return {
        key: {name: finite_mean(choose(name, v)[:, None]) for name, v in table.items()}
        for key, table in values.items()
    }
