"""Metrics that look through a trained network: asked for by name, since they need weights.

They are found by import as the others are (``ssagan_jax.metrics``), in three tables:

``LEARNT``      name -> ``FramePair``: one value per frame.
``SET``         name -> ``SetDistance``: one value for all clips together.
``EMBEDDINGS``  name -> ``Embedding``: what a ``SetDistance`` compares.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, UInt8

from ssagan_jax.config.registry import tables
from ssagan_jax.metrics.bootstrap import Resampling
from ssagan_jax.metrics.pretrained import weight_files
from ssagan_jax.metrics.summary import curve, finite_parts, mean_ratio

Weights = Mapping[str, Array]
_PACKAGE = "ssagan_jax.metrics.pretrained"

FIRST_FRAME = 1  # the given photo does not count
FRAMES_AT_A_TIME = 8  # so that memory does not grow with the clip


@dataclass(frozen=True)
class FramePair:
    """A distance between two frames.

    Attributes:
      weights: a name of ``features.SOURCES``.
      features: ``(weights, frames [n h w 3]) -> ...``: what is seen in each frame.
      distance: ``(weights, ..., ...) -> [n]``, from what ``features`` returned.
    """

    weights: str
    features: Callable[[Weights, Array], Any]
    distance: Callable[[Weights, Any, Any], Array]


@dataclass(frozen=True)
class Embedding:
    """A network that makes one vector of a clip.

    Attributes:
      weights: a name of ``features.SOURCES``.
      embed: ``(weights, clips [b t h w 3]) -> [b d]``.
      settings: what a reader needs to know, for the protocol.
    """

    weights: str
    embed: Callable[[Weights, Array], Array]
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SetDistance:
    """A distance between two sets of clips.

    Attributes:
      embedding: a name in ``EMBEDDINGS``.
      distance: ``([n d], [m d]) -> float``, in NumPy.
      enough_clips: with fewer, people are warned.
    """

    embedding: str
    distance: Callable[[np.ndarray, np.ndarray], float | None]
    enough_clips: int = 0


def known() -> tuple[str, ...]:
    """The names that may be asked for."""
    return tuple(sorted([*tables(_PACKAGE, "LEARNT"), *tables(_PACKAGE, "SET")]))


def load(names: Sequence[str]) -> "Learnt":
    """Gets the weights that the metrics of these names need onto the device.

    Raises:
      ValueError: for an unknown name.
      ImportError: if the package with the weights is not installed.
    """
    for name in names:
        if name not in known():
            raise ValueError(f'Unknown metric "{name}". Available: {", ".join(known())}.')
    pairs, sets = (
        {name: table[name] for name in dict.fromkeys(names) if name in table}
        for table in (tables(_PACKAGE, "LEARNT"), tables(_PACKAGE, "SET"))
    )
    used = {distance.embedding for distance in sets.values()}
    embeddings = {k: v for k, v in tables(_PACKAGE, "EMBEDDINGS").items() if k in used}
    needed = {entry.weights for entry in (*pairs.values(), *embeddings.values())}
    weights = {name: jax.device_put(weight_files.load(name)) for name in sorted(needed)}
    return Learnt(pairs, embeddings, sets, weights)


@dataclass(frozen=True)
class Learnt:
    """The metrics asked for, with their networks' weights: see ``load``."""

    pairs: Mapping[str, FramePair]
    embeddings: Mapping[str, Embedding]
    sets: Mapping[str, SetDistance]
    weights: Mapping[str, Weights]

    def score(
        self, prediction: UInt8[Array, "b t h w 3"], reference: UInt8[Array, "b t h w 3"]
    ) -> dict[str, Any]:
        """Scores one batch; the still picture is the reference's first frame repeated.

        Returns:
          ``{"frame": {metric: [b 2 t]}, "embedding": {network: [b 3 d]}}``; the second
          axis is prediction, still picture and, of embeddings, reference.
        """
        return {
            "frame": {
                name: _score_frames(pair, self.weights[pair.weights], prediction, reference)
                for name, pair in self.pairs.items()
            },
            "embedding": {
                name: _embed(network, self.weights[network.weights], prediction, reference)
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
            | {"clips": clips, "frames": frames, "enough_clips": entry.enough_clips}
            | dict(self.embeddings[entry.embedding].settings)
            for name, entry in self.sets.items()
        }
        return per_frame | whole

    def warn_of_few(self, clips: int) -> None:
        """Warns if there are too few clips for one of the metrics."""
        for name, entry in self.sets.items():
            if clips < entry.enough_clips:
                warnings.warn(few_clips(name, clips, entry.enough_clips), stacklevel=2)


def few_clips(name: str, clips: int, enough: int) -> str:
    """The warning for too few clips, as printed with tables too."""
    return (
        f"{name} of {clips:,} clips is far above what {enough:,} would give; compare it only "
        "between results of equally many clips."
    )


def _origin(weights: str) -> dict[str, str]:
    source = weight_files.SOURCES[weights]
    return {"package": source.package, "weights_sha256": source.sha256}


@partial(jax.jit, static_argnums=0)
def _score_frames(pair: FramePair, weights, prediction, reference):
    """[b 2 t]: each frame of prediction and still picture against the reference's."""

    def score_clip(clips):
        prediction, reference = (_floats(clip) for clip in clips)
        still = pair.features(weights, reference[:1])

        def score_frame(frames):
            predicted, real = (pair.features(weights, frame[None]) for frame in frames)
            return jnp.stack([pair.distance(weights, x, real)[0] for x in (predicted, still)])

        frames = (prediction, reference)
        return lax.map(score_frame, frames, batch_size=FRAMES_AT_A_TIME).T

    return lax.map(score_clip, (prediction, reference))


@partial(jax.jit, static_argnums=0)
def _embed(network: Embedding, weights, prediction, reference):
    """[b 3 d]: of the prediction, the still picture and the reference."""

    def embed_clip(clips):
        prediction, reference = (_floats(clip) for clip in clips)
        still = jnp.broadcast_to(reference[:1], reference.shape)
        return network.embed(weights, jnp.stack((prediction, still, reference)))

    return lax.map(embed_clip, (prediction, reference))


def _floats(clip: UInt8[Array, "*shape"]) -> Float[Array, "*shape"]:
    return clip.astype(jnp.float32) / 127.5 - 1
