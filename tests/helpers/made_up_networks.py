"""Metrics with made-up networks in place of those that need weights."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.metrics.pretrained import registry, weight_files
from ssagan_jax.metrics.pretrained.kinds import Embedding, FramePair, SetDistance

PAIR = FramePair(
    weights="made_up",
    features=lambda weights, frames: frames.mean((1, 2, 3)),
    distance=lambda weights, a, b: weights["scale"] * jnp.abs(a - b),
)
NETWORK = Embedding(
    weights="made_up",
    embed=lambda weights, clips: weights["scale"] * clips.mean((2, 3)).reshape(len(clips), -1),
    settings={"size": 5},
)
SET = SetDistance(
    embedding="net",
    distance=lambda a, b: float(np.abs(a.mean(0) - b.mean(0)).max()),
    enough_clips=3,
)
TABLES = {
    "FRAME_PAIRS": {"pair": PAIR},
    "SET_DISTANCES": {"set": SET},
    "EMBEDDINGS": {"net": NETWORK},
}


@pytest.fixture
def made_up(monkeypatch):
    """Networks that take a mean and multiply by 10."""
    source = weight_files.Source(package="p", file="f", sha256="abc", arrays_sha256="")
    monkeypatch.setattr(registry, "tables", lambda package, name: TABLES[name])
    monkeypatch.setattr(weight_files, "SOURCES", {"made_up": source})
    monkeypatch.setattr(weight_files, "load_weights", lambda name: {"scale": np.float32(10)})
