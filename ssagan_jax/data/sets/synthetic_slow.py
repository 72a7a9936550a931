"""The built-in scenes in gentler motion and any tint: what the bundled model is trained on.

From frame to frame ``pace`` of the time passes that does in ``synthetic``: in 32 frames clouds
overhead cross a quarter of the picture, not two thirds, which a small network can follow. Each clip
has a saturation (down to grey) and a tint of its own, so that colours are to be taken from the
photo and not from the palette that the scenes share.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssagan_jax.data.sets.synthetic import SyntheticSource

SATURATION = (0.0, 1.2)
TINT = (0.85, 1.15)  # of each colour


class SlowSource(SyntheticSource):
    """As ``SyntheticSource``, with less time between frames, and tinted."""

    name = "synthetic_slow"
    pace = 0.4

    def __getitem__(self, index: int) -> dict[str, Any]:
        example = super().__getitem__(index)
        rng = np.random.default_rng(list(example["video"].encode()))
        return {**example, "clip": tinted(example["clip"], rng)}


def tinted(clip: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The clip [t, h, w, 3] with a saturation and a tint that are drawn."""
    grey = clip.mean(-1, keepdims=True, dtype=np.float32)
    mixed = grey + np.float32(rng.uniform(*SATURATION)) * (clip - grey)
    return np.clip(mixed * rng.uniform(*TINT, 3).astype(np.float32) + 0.5, 0, 255).astype(np.uint8)


def source(*, data_dir: str | None = None, **options: Any) -> SlowSource:
    """Opens a split; options and errors are those of ``synthetic.source``."""
    del data_dir
    return SlowSource(**options)
