"""Scores predicted clips against real ones, beside the still picture.

Every result has two rows: ``prediction`` and ``still``, the clip's first frame
repeated, since pixel metrics reward frozen clips. What is computed is whatever the
files of ``ssagan_jax.metrics`` offer.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

import ssagan_jax
from ssagan_jax import metrics
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation.batches import ClipBatch, read_batches, read_clips
from ssagan_jax.evaluation.clip_files import check_same_clips, open_clips
from ssagan_jax.evaluation.clip_scores import SCORED, score_batch
from ssagan_jax.metrics.bootstrap import Resampling, resample_videos
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.metrics.pretrained import registry
from ssagan_jax.metrics.pretrained.scoring import PretrainedMetrics
from ssagan_jax.metrics.summary import summarise_scores


def score_animator(
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
      metrics: those that need a network's weights (``metrics.pretrained.registry.list_metrics()``).

    Returns:
      ``{"protocol": {...}, "rows": {"prediction": {...}, "still": {...}}}``, ready for
      JSON: see ``ssagan_jax.evaluation.results``.

    Raises:
      ValueError: if the source is empty, its clips differ in shape, or ``animate``
        returns something else than uint8 clips of the real clips' shape, or for an
        unknown metric.
      ImportError: if the package with a metric's weights is not installed.
    """
    return _score_all(
        lambda batch: animate(batch.clips[:, 0]),
        source,
        registry.load_metrics(metrics),
        batch_size=batch_size,
        protocol=protocol,
    )


def score_files(
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
      protocol: more to store with the results, as for ``score_animator``. To compare with
        its results, say here what they say ({"statistics": "running"}).
      metrics: as for ``score_animator``.

    Returns:
      The same as ``score_animator``.

    Raises:
      FileNotFoundError: if one of the two does not exist.
      ValueError: if they hold no clips, or their names or shapes differ, or for an
        unknown metric.
      ImportError: if the package with a metric's weights is not installed.
    """
    pretrained = registry.load_metrics(metrics)
    predicted, real = open_clips(predictions), open_clips(reference)
    check_same_clips(predicted, real)
    return _score_all(
        lambda batch: read_clips(predicted, batch.indices)[0],
        real,
        pretrained,
        batch_size=min(batch_size, len(real)),
        protocol={"predictions": predictions.name, **(protocol or {})},
    )


def _score_all(
    predict: Callable[[ClipBatch], np.ndarray],
    source: ClipSource,
    pretrained: PretrainedMetrics,
    *,
    batch_size: int,
    protocol: Mapping[str, Any],
) -> dict[str, Any]:
    if not len(source):
        raise ValueError(f"There are no clips to score in {source.describe()}.")
    pretrained.warn_of_few_clips(len(source))
    digest, scores, videos = hashlib.sha256(), [], []
    for batch in read_batches(source, batch_size):
        prediction = np.asarray(predict(batch))
        _check_prediction(prediction, batch.clips)
        pair = jax.device_put((prediction, batch.clips))
        batch_scores = jax.device_get((score_batch(*pair), pretrained.score(*pair)))
        scores.append(jax.tree.map(lambda x, new=batch.new: x[:new], batch_scores))
        videos += batch.videos[: batch.new]
        digest.update(batch.clips[: batch.new].tobytes())
    shape = {"clips": len(source), "clip": list(batch.clips.shape[1:4])}
    content = {"clips_sha256": digest.hexdigest(), **shape}
    if protocol.get("statistics") == "batch":
        content["batch_size"] = batch_size  # there, clips change each other's scores
    settings = _describe_settings(source, pretrained, frames=batch.clips.shape[1])
    of_all = jax.tree.map(lambda *x: np.concatenate(x).astype(np.float64), *scores)
    resampling = resample_videos(videos)
    return {
        "protocol": {**protocol, **content, **settings, "interval": resampling.describe()},
        "rows": {
            name: _summarise_row(name, *of_all, pretrained=pretrained, resampling=resampling)
            for name in ("prediction", "still")
        },
    }


def _describe_settings(
    source: ClipSource, pretrained: PretrainedMetrics, *, frames: int
) -> dict[str, Any]:
    conventions = {key: c.describe(frames=frames) for key, c in CONVENTIONS.items()}
    asked = pretrained.describe(clips=len(source), frames=frames)
    return {
        "data": source.describe(),
        "conventions": conventions,
        "settings": metrics.collect_table("SETTINGS"),
        "code_version": ssagan_jax.__version__,
        **({"perceptual": asked} if asked else {}),
    }


def _summarise_row(
    name: str,
    scores: dict[str, Any],
    pretrained_scores: dict[str, Any],
    *,
    pretrained: PretrainedMetrics,
    resampling: Resampling,
) -> dict[str, Any]:
    """A row of the result, ``prediction`` or ``still``, from the scores of all clips."""

    def select(row: str, scores: dict[str, Any]) -> dict[str, Any]:
        return jax.tree.map(lambda x: x[:, SCORED.index(row)], scores)

    row = summarise_scores(
        **select(name, scores),
        reference=select("reference", scores["ratio"]),
        resampling=resampling,
    )
    asked = pretrained.summarise(
        **select(name, pretrained_scores),
        reference=select("reference", pretrained_scores["embedding"]),
        resampling=resampling,
    )
    if not asked["perceptual"]:
        return row
    both = {key: {**row[key], "perceptual": asked[key]} for key in ("curves", "interval")}
    return {**row, **both, "perceptual": asked["perceptual"]}


def _check_prediction(prediction: np.ndarray, reference: np.ndarray) -> None:
    if prediction.dtype != np.uint8 or prediction.shape != reference.shape:
        raise ValueError(
            f"Predictions are {prediction.dtype} {list(prediction.shape)}; the reference needs "
            f"{reference.dtype} {list(reference.shape)} (clips, frames, height, width, RGB)."
        )
    if reference.shape[1] < 2:
        raise ValueError("Clips of one frame do not move; score clips of two frames or more.")
