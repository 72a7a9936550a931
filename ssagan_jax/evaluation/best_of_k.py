"""Best of K: several clips of one photo, of which each metric keeps the best.

A model with noise, or with a wind to draw, is asked for one of many futures, so one clip says
little of what it can do. The best of K is chosen for each clip and each metric by itself, knowing
the real clip: an upper bound, to be read beside the mean over draws, never instead of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ssagan_jax import metrics
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation import hints
from ssagan_jax.evaluation.batches import ClipBatch
from ssagan_jax.evaluation.results import list_groups
from ssagan_jax.evaluation.source_scores import Scores, collect_scores
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.metrics.pretrained import registry
from ssagan_jax.metrics.pretrained.scoring import FIRST_FRAME
from ssagan_jax.metrics.summary import finite_mean


def score_best_of_k(
    animate: Callable[..., np.ndarray],
    source: ClipSource,
    *,
    batch_size: int,
    k: int,
    metrics: Sequence[str] = (),
    first_embedded: int = 0,
) -> dict[str, Any]:
    """Animates the first frame of every clip with the seeds 0 to ``k`` - 1 and scores all.

    Args:
      animate: ``(photos, seed=)``, uint8 [b h w 3] to uint8 [b t h w 3]; of a model that takes a
        mask, as ``prediction`` is, it is the sky finder's.
      source: the real clips, all of one shape.
      batch_size: how many photos are animated at a time, ``k`` times.
      k: clips per photo.
      metrics, first_embedded: as for ``scoring.score_animator``.

    Returns:
      ``{"count": k, "first": {group: {metric: value}}, "mean": the same, "best": the same}``: of
      the seed 0, the mean over seeds of what each scores by itself, and the mean over clips of
      the best value among the seeds. A clip's value is the mean over its counted frames;
      infinite ones are left out, as everywhere. Of motion, and of distances of whole sets, there
      is no best of a clip: None.

    Raises:
      ValueError: if ``k`` is not positive, or clips differ in shape, or for an unknown metric.
      ImportError: if the package with a metric's weights is not installed.
    """
    check_draws(k)

    def draw(batch: ClipBatch) -> dict[str, np.ndarray]:
        photos = batch.clips[:, 0]
        told = hints.with_found_sky(animate, photos)
        return {str(seed): told(photos, seed=seed) for seed in range(k)}

    found = collect_scores(
        draw,
        source,
        registry.load_metrics(metrics, first_embedded=first_embedded),
        batch_size=batch_size,
    )
    rows = [found.summarise_row(name) for name in found.predictions]
    draws = [{group: row[group] for group in list_groups([row])} for row in rows]
    mean = {
        group: {name: _mean_of_defined(draw[group][name] for draw in draws) for name in table}
        for group, table in draws[0].items()
    }
    chosen = _best_of_draws(found)
    best = {
        group: dict.fromkeys(table) | chosen.get(group, {}) for group, table in draws[0].items()
    }
    return {"count": k, "first": draws[0], "mean": mean, "best": best}


def check_draws(draws: int) -> None:
    """Raises ValueError unless ``draws``, the clips per photo, is positive."""
    if draws < 1:
        raise ValueError(f"draws is the number of clips per photo, from 1 on, not {draws}.")


def _mean_of_defined(values: Iterable[float | None]) -> float | None:
    return finite_mean(np.array([list(values)], np.float64))


def _best_of_draws(found: Scores) -> dict[str, dict[str, float | None]]:
    """Mean over clips of the best draw of each, by every metric that scores single clips."""
    better = metrics.collect_table("BETTER")
    best = {
        key: {name: _mean_of_best(values, better[name]) for name, values in table.items()}
        for key, table in _mean_over_frames(found.pixels, len(found.predictions)).items()
    }
    distances = {
        name: _mean_of_best(
            _finite_means(values[:, : len(found.predictions), FIRST_FRAME:]), "lower"
        )
        for name, values in found.features["frame"].items()
    }
    return {**best, "perceptual": distances}


def _mean_over_frames(scores: Mapping[str, Any], draws: int) -> dict[str, Any]:
    """``{convention: {metric: [n draws]}}``: a clip's mean over its counted, finite frames."""
    found = {}
    for key, convention in CONVENTIONS.items():
        frames = {
            k: v[:, :draws, convention.first_frame :] for k, v in scores["frame"][key].items()
        }
        clips = {k: v[:, :draws, None] for k, v in scores["clip"][key].items()}
        found[key] = {k: _finite_means(v) for k, v in sorted((frames | clips).items())}
    return found


def _finite_means(values: np.ndarray) -> np.ndarray:
    """Over the last axis; NaN where nothing is finite."""
    finite = np.isfinite(values)
    sums, counts = np.where(finite, values, 0).sum(axis=-1), finite.sum(axis=-1)
    return np.where(counts, sums / np.maximum(counts, 1), np.nan)


def _mean_of_best(values: np.ndarray, better: str) -> float | None:
    """Of [n draws]: the mean over clips; clips whose every draw is infinite are left out."""
    best = {"lower": np.fmin, "higher": np.fmax}[better].reduce(values, axis=1)
    return finite_mean(best[:, None])
