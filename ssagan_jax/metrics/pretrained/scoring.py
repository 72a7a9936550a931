"""Scores of pretrained networks: of one batch on the device, and of all clips as a result."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, UInt8

from ssagan_jax.metrics.bootstrap import Resampling
from ssagan_jax.metrics.pretrained import weight_files
from ssagan_jax.metrics.pretrained.kinds import Embedding, FramePair, SetDistance, Weights
from ssagan_jax.metrics.summary import curve, finite_parts, mean_ratio
from ssagan_jax.ops.image import to_float

FIRST_FRAME = 1  # the given photo does not count
FRAMES_AT_A_TIME = 8  # so that memory does not grow with the clip
CLIPS_AT_A_TIME = 3  # nor with the number of predictions


@dataclass(frozen=True)
class PretrainedMetrics:
    """The metrics asked for, with their networks' weights: see ``registry.load_metrics``.

    Attributes:
      pairs, embeddings, sets: the metrics' entries, by name.
      weights: of their networks.
      first_embedded: the first frame of a clip that ``sets`` see.
    """

    pairs: Mapping[str, FramePair]
    embeddings: Mapping[str, Embedding]
    sets: Mapping[str, SetDistance]
    weights: Mapping[str, Weights]
    first_embedded: int = 0

    def score(
        self, predictions: UInt8[Array, "b p t h w 3"], reference: UInt8[Array, "b t h w 3"]
    ) -> dict[str, Any]:
        """Scores one batch; the still picture is the reference's first frame repeated.

        Returns:
          ``{"frame": {metric: [b p+1 t]}, "embedding": {network: [b p+2 d]}}``; the second
          axis is the p predictions, the still picture and, of embeddings, the reference.
        """
        return {
            "frame": {
                name: _score_frames(pair, self.weights[pair.weights], predictions, reference)
                for name, pair in self.pairs.items()
            },
            "embedding": {
                name: _embed(
                    network,
                    self.weights[network.weights],
                    predictions,
                    reference,
                    self.first_embedded,
                )
                for name, network in self.embeddings.items()
            },
        }

    def summarise(
        self,
        frame: Mapping[str, Float[np.ndarray, "n t"]],
        embedding: Mapping[str, Float[np.ndarray, "n d"]],
        *,
        reference: Mapping[str, Float[np.ndarray, "n d"]],
        resampling: Resampling,
    ) -> dict[str, dict[str, Any]]:
        """One row's part of a result, from the scores of all clips.

        Returns:
          ``{"perceptual": {metric: value}, "curves": {metric: [t]}, "interval": {metric:
          [low, high]}}``. LPIPS is the mean over clips of the mean over frames 1 to T - 1.
        """
        parts = {name: finite_parts(values[:, FIRST_FRAME:]) for name, values in frame.items()}
        distances = {
            name: entry.distance(embedding[entry.embedding], reference[entry.embedding])
            for name, entry in self.sets.items()
        }
        return {
            "perceptual": {name: mean_ratio(*p) for name, p in parts.items()} | distances,
            "curves": {name: curve(values) for name, values in frame.items()},
            "interval": {name: resampling.interval(*p) for name, p in parts.items()},
        }

    def describe(self, *, clips: int, frames: int) -> dict[str, Any]:
        """The entry of the protocol: how each metric was computed, and on what."""
        per_frame = {
            name: _origin(pair.weights) | {"counted_frames": frames - FIRST_FRAME}
            for name, pair in self.pairs.items()
        }
        whole = {
            name: _origin(self.embeddings[entry.embedding].weights)
            | {"clips": clips, "frames": frames - self.first_embedded}
            | {"enough_clips": entry.enough_clips}
            | ({"first_frame": self.first_embedded} if self.first_embedded else {})
            | dict(self.embeddings[entry.embedding].settings)
            for name, entry in self.sets.items()
        }
        return per_frame | whole

    def warn_of_few_clips(self, clips: int) -> None:
        """Warns if there are too few clips for one of the metrics."""
        for name, entry in self.sets.items():
            if clips < entry.enough_clips:
                warnings.warn(
                    format_few_clips_warning(name, clips, entry.enough_clips), stacklevel=2
                )


def format_few_clips_warning(name: str, clips: int, enough: int) -> str:
    """The warning for too few clips, as printed with tables too."""
    return (
        f"{name} of {clips:,} clips is far above what {enough:,} would give; compare it only "
        "between results of equally many clips."
    )


def _origin(weights: str) -> dict[str, str]:
    source = weight_files.SOURCES[weights]
    return {"package": source.package, "weights_sha256": source.sha256}


@partial(jax.jit, static_argnums=0)
def _score_frames(pair: FramePair, weights: Any, predictions: Any, reference: Any) -> Any:
    """[b p+1 t]: each frame of predictions and still picture against the reference's."""

    def score_clip(clips):
        predictions, reference = (to_float(clip) for clip in clips)
        still = pair.features(weights, reference[:1])

        def score_frame(frames):
            predicted, real = (pair.features(weights, x) for x in (frames[0], frames[1][None]))
            return jnp.concatenate([pair.distance(weights, x, real) for x in (predicted, still)])

        frames = (jnp.swapaxes(predictions, 0, 1), reference)
        return lax.map(score_frame, frames, batch_size=FRAMES_AT_A_TIME).T

    return lax.map(score_clip, (predictions, reference))


@partial(jax.jit, static_argnums=(0, 4))
def _embed(
    network: Embedding, weights: Any, predictions: Any, reference: Any, first_frame: int
) -> Any:
    """[b p+2 d]: of the predictions, the still picture and the reference."""

    def embed_one(clip):
        return network.embed(weights, clip[None])[0]

    def embed_clips(clips):
        predictions, reference = (to_float(clip) for clip in clips)
        still = jnp.broadcast_to(reference[:1], reference.shape)
        rows = jnp.concatenate((predictions, jnp.stack((still, reference))))[:, first_frame:]
        return lax.map(embed_one, rows, batch_size=CLIPS_AT_A_TIME)

    return lax.map(embed_clips, (predictions, reference))
