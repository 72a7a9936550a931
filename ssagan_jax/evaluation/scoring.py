"""Scores predicted clips against real ones, beside the still picture.

Every result has the rows ``prediction`` and ``still``, the clip's first frame repeated, since
pixel metrics reward frozen clips; of a model that takes a wind or a mask also those of ``hints``.
What is computed is whatever the files of ``ssagan_jax.metrics`` offer.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import ssagan_jax
from ssagan_jax import metrics
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation import hints
from ssagan_jax.evaluation.batches import ClipBatch, read_batch
from ssagan_jax.evaluation.clip_files import check_same_clips, open_clips
from ssagan_jax.evaluation.clip_table import collect_clip_scores, write_clip_scores
from ssagan_jax.evaluation.source_scores import Predict, collect_scores
from ssagan_jax.io import provenance
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.metrics.pretrained import registry
from ssagan_jax.metrics.pretrained.scoring import PretrainedMetrics


def score_animator(
    animate: Callable[..., np.ndarray],
    source: ClipSource,
    *,
    batch_size: int,
    protocol: Mapping[str, Any],
    metrics: Sequence[str] = (),
    first_embedded: int = 0,
    clip_table: AnyPath | None = None,
    controls: Mapping[str, Callable[..., np.ndarray]] | None = None,
) -> dict[str, Any]:
    """Animates the first frame of every clip of a data set and scores the results.

    Clips are read a batch at a time; only their scores are kept.

    Args:
      animate: photos, uint8 [b h w 3], to clips, uint8 [b t h w 3]. It is always called
        with ``batch_size`` photos: a short last batch is filled up with photos from
        the beginning of the data set, whose clips are then dropped. With ``takes_wind`` it is
        also called with ``wind=``, float32 [b 2]; the source then needs items with ``wind``. With
        ``takes_mask`` so is what its ``with_mask`` gives; items then need their ``mask``.
      source: the real clips, all of one shape.
      batch_size: how many clips are animated at a time.
      protocol: what only the caller knows, to be stored with the results: "statistics"
        ("running" or "batch": how batch normalisation was evaluated), "checkpoint"
        (its hash), and what else matters (a seed, ...). Entries of its own win: "winds" and
        "masks", the rows by either, are there for a model that takes one.
      metrics: those that need a network's weights (``metrics.pretrained.registry.list_metrics()``).
      first_embedded: the first frame that distances of whole sets of clips see.
      clip_table: where the scores of single clips are written (``evaluation.clip_table``).
      controls: further functions of photos, each a row of its name.

    Returns:
      ``{"protocol": {...}, "rows": {"prediction": {...}, "still": {...}}, "real": {...}}``, ready
      for JSON: see ``ssagan_jax.evaluation.results``.

    Raises:
      ValueError: if the source is empty, its clips differ in shape or come without the wind
        or mask that the model takes, or ``animate`` returns something else than uint8 clips of the
        real clips' shape, or for an unknown metric.
      ImportError: if the package with a metric's weights is not installed.
    """

    def predict(batch: ClipBatch) -> Mapping[str, np.ndarray]:
        photos, known = batch.clips[:, 0], {"wind": batch.winds, "mask": batch.masks}
        found = hints.animate_all(animate, photos, **known)
        for name, control in (controls or {}).items():
            found[name] = hints.animate_all(control, photos, **known)["prediction"]
        return found

    return score_predictions(
        predict,
        source,
        batch_size=batch_size,
        protocol={**protocol, **hints.list_hints(animate)},
        metrics=metrics,
        first_embedded=first_embedded,
        clip_table=clip_table,
    )


def score_files(
    predictions: Path,
    reference: Path,
    *,
    batch_size: int = 8,
    protocol: Mapping[str, Any] | None = None,
    metrics: Sequence[str] = (),
    clip_table: AnyPath | None = None,
) -> dict[str, Any]:
    """Scores clips that lie in files, whoever made them.

    Args:
      predictions: an .npz file with ``clips``, uint8 [n t h w 3], or a folder of videos.
      reference: the real clips, likewise, in the same order or with the same names.
      batch_size: how many clips are scored at a time.
      protocol: more to store with the results, as for ``score_animator``. To compare with
        its results, say here what they say ({"statistics": "running"}).
      metrics, clip_table: as for ``score_animator``.

    Returns:
      The same as ``score_animator``.

    Raises:
      FileNotFoundError: if one of the two does not exist.
      ValueError: if they hold no clips, or their names or shapes differ, or for an
        unknown metric.
      ImportError: if the package with a metric's weights is not installed.
    """
    predicted, real = open_clips(predictions), open_clips(reference)
    check_same_clips(predicted, real)
    return score_predictions(
        lambda batch: {"prediction": read_batch(predicted, batch.indices, new=batch.new).clips},
        real,
        batch_size=min(batch_size, len(real)),
        protocol={"predictions": predictions.name, **(protocol or {})},
        metrics=metrics,
        clip_table=clip_table,
    )


def score_predictions(
    predict: Predict,
    source: ClipSource,
    *,
    batch_size: int,
    protocol: Mapping[str, Any],
    metrics: Sequence[str] = (),
    first_embedded: int = 0,
    clip_table: AnyPath | None = None,
) -> dict[str, Any]:
    """Scores several predictions of each clip, whatever they are made from.

    Args:
      predict: of a batch of real clips, uint8 clips like them for each row of the result.
      source, batch_size, protocol, metrics, first_embedded, clip_table: as for ``score_animator``.

    Returns, Raises: as ``score_animator``; the rows are the predictions', then ``still``.
    """
    pretrained = registry.load_metrics(metrics, first_embedded=first_embedded)
    found = collect_scores(predict, source, pretrained, batch_size=batch_size)
    if clip_table is not None:
        write_clip_scores(collect_clip_scores(found), clip_table)
    content = {"clips_sha256": found.sha256, "clips": len(source), "clip": list(found.clip)}
    if protocol.get("statistics") == "batch":
        content["batch_size"] = batch_size  # there, clips change each other's scores
    settings = _describe_settings(source, found.pretrained, frames=found.clip[0])
    interval = found.resampling.describe()
    return {
        "protocol": {**protocol, **content, **settings, "interval": interval},
        "rows": {name: found.summarise_row(name) for name in (*found.predictions, "still")},
        "real": found.summarise_real(),
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
        "scored_with": {
            "code": provenance.describe_commit(),
            "machine": provenance.describe_hardware(),
        },
        **({"perceptual": asked} if asked else {}),
    }
