"""The kinds of metrics that look through a trained network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Array

Weights = Mapping[str, Array]


@dataclass(frozen=True)
class FramePair:
    """A distance between two frames: one value per frame.

    Attributes:
      weights: a name in ``weight_files.SOURCES``.
      features: ``(weights, frames [n h w 3]) -> ...``: what is seen in each frame.
      distance: ``(weights, ..., ...) -> [n]``, from what ``features`` returned, of n frames and
        of n or of one.
    """

    weights: str
    features: Callable[[Weights, Array], Any]
    distance: Callable[[Weights, Any, Any], Array]


@dataclass(frozen=True)
class Embedding:
    """A network that makes one vector of a clip: what a ``SetDistance`` compares.

    Attributes:
      weights: a name in ``weight_files.SOURCES``.
      embed: ``(weights, clips [b t h w 3]) -> [b d]``.
      settings: what a reader needs to know, for the protocol.
    """

    weights: str
    embed: Callable[[Weights, Array], Array]
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SetDistance:
    """A distance between two sets of clips: one value for all clips together.

    Attributes:
      embedding: a name in ``EMBEDDINGS``.
      distance: ``([n d], [m d]) -> float``, in NumPy.
      enough_clips: with fewer, people are warned.
    """

    embedding: str
    distance: Callable[[np.ndarray, np.ndarray], float | None]
    enough_clips: int = 0
