"""Real clips in batches of one size, as they are scored."""

import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Int, UInt8
from tqdm import tqdm

from ssagan_jax.data.contract import ClipSource


class ClipBatch(NamedTuple):
    """One batch of a source.

    Attributes:
      indices: of the clips; the last batch is filled up from the beginning of the source.
      clips: the clips.
      videos: the video that each clip is of.
      new: how many clips are new; the others fill up the batch.
    """

    indices: Int[np.ndarray, " b"]
    clips: UInt8[np.ndarray, "b t h w 3"]
    videos: list[str]
    new: int


def read_batches(source: ClipSource, batch_size: int) -> Iterator[ClipBatch]:
    """Reads a source from beginning to end, with a progress bar in a terminal.

    Raises:
      ValueError: if clips differ in shape.
    """
    starts = range(0, len(source), batch_size)
    for start in tqdm(starts, desc="evaluate", unit="batch", file=sys.stderr, disable=None):
        indices = np.arange(start, start + batch_size) % len(source)
        new = min(batch_size, len(source) - start)
        yield ClipBatch(indices, *read_clips(source, indices), new)


def read_clips(
    source: ClipSource, indices: Int[np.ndarray, " b"]
) -> tuple[UInt8[np.ndarray, "b t h w 3"], list[str]]:
    """The clips at ``indices``, and the video that each is of.

    Raises:
      ValueError: if a clip has another shape than the source's first.
    """
    items = [source[int(index)] for index in indices]
    first = items[0] if 0 in indices else source[0]
    for item in items:
        if item["clip"].shape != first["clip"].shape:
            raise ValueError(
                f"Clips differ in shape: {list(first['clip'].shape)} in {first['video']}, "
                f"{list(item['clip'].shape)} in {item['video']}. Score clips of one shape."
            )
    return np.stack([item["clip"] for item in items]), [item["video"] for item in items]
