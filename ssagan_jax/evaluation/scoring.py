"""Scores predicted clips against real ones, beside the still picture.

Every result has two rows: ``prediction`` and ``still``, the clip's first frame
repeated, since pixel metrics reward frozen clips. What is computed is whatever the
files of ``ssagan_jax.metrics`` offer.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8
from tqdm import tqdm

import ssagan_jax
from ssagan_jax import metrics
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation.clip_files import check_pair, open_clips
from ssagan_jax.metrics.bootstrap import Resampling, resample
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.metrics.pretrained import registry
from ssagan_jax.metrics.pretrained.scoring import PretrainedMetrics
from ssagan_jax.metrics.summary import summarise

# What is scored; "reference" gets motion measures only, to divide by.
SCORED = ("prediction", "still", "reference")


def evaluate(
    animate: Callable[[np.ndarray], np.ndarray],
    source: ClipSource,
    *,
    batch_size: int,
    protocol: Mapping[str, Any],
    metrics: Sequence[str] = (),
) -> dict[str, Any]:
    """Animates the first frame of every clip of a data set and scores the results.

    Clips are read a batch at a time; only their scores are kept.

    Args:
      animate: photos, uint8 [b h w 3], to clips, uint8 [b t h w 3]. It is always called
        with ``batch_size`` photos: a short last batch is filled up with photos from
        the beginning of the data set, whose clips are then dropped.
      source: the real clips, all of one shape.
      batch_size: how many clips are animated at a time.
      protocol: what only the caller knows, to be stored with the results: "statistics"
        ("running" or "batch": how batch normalisation was evaluated), "checkpoint"
        (its hash), and what else matters (a seed, ...). Entries of its own win.
      metrics: those that need a network's weights (``metrics.learnt.known()``).

    Returns:
      ``{"protocol": {...}, "rows": {"prediction": {...}, "still": {...}}}``, ready for
      JSON: see ``ssagan_jax.evaluation.results``.

    Raises:
      ValueError: if the source is empty, its clips differ in shape, or ``animate``
        returns something else than uint8 clips of the real clips' shape, or for an
        unknown metric.
      ImportError: if the package with a metric's weights is not installed.
    """

    def predict(indices: np.ndarray, reference: np.ndarray) -> np.ndarray:
        del indices
        return animate(reference[:, 0])

    extra = registry.load_metrics(metrics)
    return _score_all(predict, source, extra, batch_size=batch_size, protocol=protocol)


def evaluate_predictions(
    predictions: Path,
    reference: Path,
    *,
    batch_size: int = 8,
    protocol: Mapping[str, Any] | None = None,
    metrics: Sequence[str] = (),
) -> dict[str, Any]:
    """Scores clips that lie in files, whoever made them.

    Args:
      predictions: an .npz file with ``clips``, uint8 [n t h w 3], or a folder of videos.
      reference: the real clips, likewise, in the same order or with the same names.
      batch_size: how many clips are scored at a time.
      protocol: more to store with the results, as for ``evaluate``. To compare with
        results of ``evaluate``, say here what they say ({"statistics": "running"}).
      metrics: as for ``evaluate``.

    Returns:
      The same as ``evaluate``.

    Raises:
      FileNotFoundError: if one of the two does not exist.
      ValueError: if they hold no clips, or their names or shapes differ, or for an
        unknown metric.
      ImportError: if the package with a metric's weights is not installed.
    """
    extra = registry.load_metrics(metrics)
    predicted, real = open_clips(predictions), open_clips(reference)
    check_pair(predicted, real)

    def predict(indices: np.ndarray, reference: np.ndarray) -> np.ndarray:
        del reference
        return _read(predicted, indices)[0]

    entries = {"predictions": predictions.name, **(protocol or {})}
    batch_size = min(batch_size, len(real))
    return _score_all(predict, real, extra, batch_size=batch_size, protocol=entries)


def _score_all(
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray],
    source: ClipSource,
    extra: PretrainedMetrics,
    *,
    batch_size: int,
    protocol: Mapping[str, Any],
) -> dict[str, Any]:
    if not len(source):
        raise ValueError(f"There are no clips to score in {source.describe()}.")
    extra.warn_of_few_clips(len(source))
    digest, scores, videos = hashlib.sha256(), [], []
    for indices, kept in _batches(len(source), batch_size):
        reference, names = _read(source, indices)
        prediction = np.asarray(predict(indices, reference))
        _check_pair(prediction, reference)
        pair = jax.device_put((prediction, reference))
        batch_scores = jax.device_get((score_batch(*pair), extra.score(*pair)))
        scores.append(jax.tree.map(lambda x, kept=kept: x[:kept], batch_scores))
        videos += names[:kept]
        digest.update(reference[:kept].tobytes())
    shape = {"clips": len(source), "clip": list(reference.shape[1:4])}
    content = {"clips_sha256": digest.hexdigest(), **shape}
    if protocol.get("statistics") == "batch":
        content["batch_size"] = batch_size  # there, clips change each other's scores
    settings = _settings(source, extra, frames=shape["clip"][0])
    resampling = resample(videos)
    return {
        "protocol": {**protocol, **content, **settings, "interval": resampling.describe()},
        "rows": _rows(
            *jax.tree.map(lambda *x: np.concatenate(x).astype(np.float64), *scores),
            extra=extra,
            resampling=resampling,
        ),
    }


def _settings(source: ClipSource, extra: PretrainedMetrics, *, frames: int) -> dict[str, Any]:
    conventions = {key: c.describe(frames=frames) for key, c in CONVENTIONS.items()}
    asked = extra.describe(clips=len(source), frames=frames)
    return {
        "data": source.describe(),
        "conventions": conventions,
        "settings": metrics.collect("SETTINGS"),
        "code_version": ssagan_jax.__version__,
        **({"perceptual": asked} if asked else {}),
    }


def _rows(
    scores: dict[str, Any],
    extra_scores: dict[str, Any],
    *,
    extra: PretrainedMetrics,
    resampling: Resampling,
) -> dict[str, Any]:
    """The result's rows, from the scores of all clips."""

    def of(row: str, scores: dict[str, Any]) -> dict[str, Any]:
        return jax.tree.map(lambda x: x[:, SCORED.index(row)], scores)

    real = of("reference", scores["ratio"]), of("reference", extra_scores["embedding"])

    def row(name: str) -> dict[str, Any]:
        found = summarise(**of(name, scores), reference=real[0], resampling=resampling)
        asked = extra.summarise(**of(name, extra_scores), reference=real[1], resampling=resampling)
        return _merged(found, asked) if asked["perceptual"] else found

    return {name: row(name) for name in ("prediction", "still")}


def _merged(found: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """A row with the metrics asked for beside the others."""
    both = {key: {**found[key], "perceptual": asked[key]} for key in ("curves", "interval")}
    return {**found, **both, "perceptual": asked["perceptual"]}


def _batches(count: int, batch_size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Indices of each batch, the last filled up from the start, and how many are new."""
    starts = range(0, count, batch_size)
    for start in tqdm(starts, desc="evaluate", unit="batch", file=sys.stderr, disable=None):
        indices = np.arange(start, start + batch_size)
        yield indices % count, min(batch_size, count - start)


def _read(
    source: ClipSource, indices: np.ndarray
) -> tuple[UInt8[np.ndarray, "b t h w 3"], list[str]]:
    """The clips at ``indices``, of the source's first clip's shape, and their videos."""
    items = [source[int(index)] for index in indices]
    first = items[0] if 0 in indices else source[0]
    for item in items:
        if item["clip"].shape != first["clip"].shape:
            raise ValueError(
                f"Clips differ in shape: {list(first['clip'].shape)} in {first['video']}, "
                f"{list(item['clip'].shape)} in {item['video']}. Score clips of one shape."
            )
    return np.stack([item["clip"] for item in items]), [item["video"] for item in items]


def _check_pair(prediction: np.ndarray, reference: np.ndarray) -> None:
    if prediction.dtype != np.uint8 or prediction.shape != reference.shape:
        raise ValueError(
            f"Predictions are {prediction.dtype} {list(prediction.shape)}; the reference needs "
            f"{reference.dtype} {list(reference.shape)} (clips, frames, height, width, RGB)."
        )
    if reference.shape[1] < 2:
        raise ValueError("Clips of one frame do not move; score clips of two frames or more.")


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
    prediction, reference = (x.astype(jnp.float32) / 127.5 - 1 for x in (prediction, reference))
    still = jnp.broadcast_to(reference[:1], reference.shape)
    clips = jnp.stack((prediction, still, reference))
    return {
        "frame": _against(clips[:2], reference, functions=metrics.collect("FRAME")),
        "clip": _against(clips[:2], reference, functions=metrics.collect("CLIP")),
        "ratio": {name: f(clips) for name, f in metrics.collect("RATIO").items()},
        "share": {name: f(clips) for name, f in metrics.collect("SHARE").items()},
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
