"""The scores of all clips of a source, one by one, and rows of results made of them."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation.batches import ClipBatch, read_batches
from ssagan_jax.evaluation.clip_scores import CONTROLS, score_batch
from ssagan_jax.metrics.bootstrap import Resampling, resample_videos
from ssagan_jax.metrics.conventions import CONVENTIONS
from ssagan_jax.metrics.pretrained.scoring import FIRST_FRAME, PretrainedMetrics
from ssagan_jax.metrics.summary import finite_parts, summarise_scores

Predict = Callable[[ClipBatch], Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Scores:
    """The scores of every single clip of a source.

    Attributes:
      predictions: names of what was scored besides ``clip_scores.CONTROLS``, which follow them
        in the second axis of all scores.
      pixels: as ``clip_scores.score_batch`` returns them, of n clips, in double precision.
      features: as ``PretrainedMetrics.score`` returns them, likewise.
      pretrained: the metrics of ``features``.
      videos: the video that each clip is of.
      resampling: resamples of these.
      clip: frames, height and width of a clip.
      sha256: of the real clips.
    """

    predictions: tuple[str, ...]
    pixels: Mapping[str, Any]
    features: Mapping[str, Any]
    pretrained: PretrainedMetrics
    videos: tuple[str, ...]
    resampling: Resampling
    clip: tuple[int, int, int]
    sha256: str

    def summarise_row(self, name: str) -> dict[str, Any]:
        """A row of a result: of one of the predictions, or ``still``."""
        row = summarise_scores(
            **self._select(name, self.pixels),
            reference=self._select("reference", self.pixels["ratio"]),
            resampling=self.resampling,
        )
        asked = self.pretrained.summarise(
            **self._select(name, self.features),
            reference=self._select("reference", self.features["embedding"]),
            resampling=self.resampling,
        )
        if not asked["perceptual"]:
            return row
        both = {key: {**row[key], "perceptual": asked[key]} for key in ("curves", "interval")}
        return {**row, **both, "perceptual": asked["perceptual"]}

    def summarise_real(self) -> dict[str, Any]:
        """What the real clips have by themselves: ``{"motion": {metric: mean}}``."""
        means = self._select("reference", self.pixels["mean"])
        return {"motion": {name: float(np.mean(x)) for name, x in sorted(means.items())}}

    def list_clips(self, name: str) -> dict[str, Float[np.ndarray, " n"]]:
        """The scores of single clips of a row, by the names of ``evaluation.clip_table``."""
        chosen = self._select(name, self.pixels)
        found = {}
        for key, convention in CONVENTIONS.items():
            for metric, values in chosen["frame"][key].items():
                found[f"{key}_{metric}"] = _mean_of_finite(values[:, convention.first_frame :])
            found |= {f"{key}_{metric}": x for metric, x in chosen["clip"][key].items()}
        for metric, values in self._select(name, self.features)["frame"].items():
            found[metric] = _mean_of_finite(values[:, FIRST_FRAME:])
        real = self._select("reference", self.pixels["ratio"])
        for metric, values in chosen["ratio"].items():
            found |= {metric: values, f"{metric}_of": real[metric]}
        return found | chosen["mean"]

    def _select(self, row: str, scores: Mapping[str, Any]) -> dict[str, Any]:
        place = (*self.predictions, *CONTROLS).index(row)
        return jax.tree.map(lambda x: x[:, place], dict(scores))


def collect_scores(
    predict: Predict,
    source: ClipSource,
    pretrained: PretrainedMetrics,
    *,
    batch_size: int,
) -> Scores:
    """Predicts and scores all clips of a source, a batch at a time.

    Args:
      predict: of a batch of real clips, uint8 clips like them by name. It always gets
        ``batch_size`` clips: a short last batch is filled up from the beginning of the source.
      source: the real clips, all of one shape.
      pretrained: metrics that need a network's weights, besides.
      batch_size: how many clips are predicted at a time.

    Raises:
      ValueError: if the source is empty, its clips differ in shape or have one frame, or
        predictions are no uint8 clips of their shape.
    """
    if not len(source):
        raise ValueError(f"There are no clips to score in {source.describe()}.")
    pretrained.warn_of_few_clips(len(source))
    digest, scores, videos = hashlib.sha256(), [], []
    for batch in read_batches(source, batch_size):
        predicted = predict(batch)
        for prediction in predicted.values():
            _check_prediction(prediction, batch.clips)
        pair = jax.device_put((np.stack(list(predicted.values()), axis=1), batch.clips))
        batch_scores = jax.device_get((score_batch(*pair), pretrained.score(*pair)))
        scores.append(jax.tree.map(lambda x, new=batch.new: x[:new], batch_scores))
        videos += batch.videos[: batch.new]
        digest.update(batch.clips[: batch.new].tobytes())
    pixels, features = jax.tree.map(lambda *x: np.concatenate(x).astype(np.float64), *scores)
    return Scores(
        predictions=tuple(predicted),
        pixels=pixels,
        features=features,
        pretrained=pretrained,
        videos=tuple(videos),
        resampling=resample_videos(videos),
        clip=batch.clips.shape[1:4],
        sha256=digest.hexdigest(),
    )


def _mean_of_finite(values: Float[np.ndarray, "n t"]) -> Float[np.ndarray, " n"]:
    """NaN where nothing is finite."""
    sums, counts = finite_parts(values)
    return np.where(counts > 0, sums, np.nan)


def _check_prediction(prediction: np.ndarray, reference: np.ndarray) -> None:
    if prediction.dtype != np.uint8 or prediction.shape != reference.shape:
        raise ValueError(
            f"Predictions are {prediction.dtype} {list(prediction.shape)}; the reference needs "
            f"{reference.dtype} {list(reference.shape)} (clips, frames, height, width, RGB)."
        )
    if reference.shape[1] < 2:
        raise ValueError("Clips of one frame do not move; score clips of two frames or more.")
