"""Several clips of one photo: how good is the best of K draws of the noise?

A system with noise is asked for one of many futures, so one draw says little of what it can do.
The best of K is chosen for each clip and each metric by itself, knowing the real clip: an upper
bound, to be read beside the first draw, never instead of it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from ssagan_jax import metrics
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation.scoring import SCORED, score_batch
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.metrics.summary import finite_mean


def best_of(
    animate: Callable[..., np.ndarray], source: ClipSource, *, batch_size: int, draws: int
) -> dict[str, Any]:
    """Animates the first frame of every clip with the seeds 0 to ``draws`` - 1 and scores all.

    Args:
      animate: ``(photos, seed=)``, as ``evaluate.evaluate``'s, which uses the seed 0.
      source: the real clips, all of one shape.
      batch_size: how many clips are animated at a time.
      draws: clips per photo.

    Returns:
      ``{"count": draws, "first": {convention: {metric: mean}}, "best": the same}``: means over
      clips, "best" of the best value of each. A clip's value is the mean over its counted
      frames; infinite ones are left out, as everywhere.

    Raises:
      ValueError: if ``draws`` is not positive.
    """
    check(draws)
    batches = [
        _values(animate, photos, real, kept=kept, draws=draws)
        for photos, real, kept in _batches(source, batch_size)
    ]
    values = jax.tree.map(lambda *x: np.concatenate(x), *batches)  # [clips, draws]
    better = metrics.collect("BETTER")
    pick = {"lower": np.fmin, "higher": np.fmax}
    return {
        "count": draws,
        "first": _each(values, lambda name, v: v[:, 0]),
        "best": _each(values, lambda name, v: pick[better[name]].reduce(v, axis=1)),
    }


def check(draws: int) -> None:
    """Raises ValueError unless ``draws`` is positive."""
    if draws < 1:
        raise ValueError(f"draws is the number of clips per photo, from 1 on, not {draws}.")


def table(found: Mapping[str, Any]) -> str:
    """What ``best_of`` found, as text: a line for the first draw and one for the best."""
    count, blocks = found["count"], []
    for key in CONVENTIONS:
        names = list(found["first"][key])
        lines = [f"{key:<12}" + "".join(f"{name:>14}" for name in names)]
        for label, row in (("first draw", "first"), (f"best of {count}", "best")):
            cells = (found[row][key][name] for name in names)
            lines.append(f"{label:<12}" + "".join(f"{_text(cell):>14}" for cell in cells))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _batches(source: ClipSource, size: int) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Photos, real clips, and how many of them are new: the same batches as ``evaluate``'s."""
    for start in range(0, len(source), size):
        items = [source[index % len(source)] for index in range(start, start + size)]
        real = np.stack([item["clip"] for item in items])
        yield real[:, 0], real, min(size, len(source) - start)


def _values(animate, photos, real, *, kept: int, draws: int) -> dict[str, Any]:
    """``{convention: {metric: [kept, draws]}}`` of one batch."""
    found = []
    for seed in range(draws):
        pair = jax.device_put((animate(photos, seed=seed), real))
        found.append(_of_prediction(jax.device_get(score_batch(*pair)), kept))
    return jax.tree.map(lambda *x: np.stack(x, axis=1), *found)


def _of_prediction(scores: Mapping[str, Any], kept: int) -> dict[str, Any]:
    """``{convention: {metric: [kept]}}``: each clip's mean over its counted, finite frames."""
    row, found = SCORED.index("prediction"), {}
    for key, convention in CONVENTIONS.items():
        frames = {
            k: v[:kept, row, convention.first_frame :] for k, v in scores["frame"][key].items()
        }
        clips = {k: v[:kept, row, None] for k, v in scores["clip"][key].items()}
        found[key] = {k: _finite_mean(v) for k, v in sorted((frames | clips).items())}
    return found


def _finite_mean(values: np.ndarray) -> np.ndarray:
    """Over the last axis; NaN where nothing is finite."""
    means = [finite_mean(value[None]) for value in values.astype(np.float64)]
    return np.array([np.nan if mean is None else mean for mean in means])


def _each(values: Mapping[str, Any], choose: Callable[[str, np.ndarray], np.ndarray]):
    return {
        key: {name: finite_mean(choose(name, v)[:, None]) for name, v in tables.items()}
        for key, tables in values.items()
    }
