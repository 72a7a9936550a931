"""Real clips in batches of one size, as they are scored."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8
from tqdm import tqdm

from ssagan_jax.data.contract import ClipSource

READERS = 16  # clips read at a time: in a bucket each is waited for


class ClipBatch(NamedTuple):
    """One batch of a source.

    Attributes:
      indices: of the clips; the last batch is filled up from the beginning of the source.
      clips: the clips.
      videos: the video that each clip is of.
      new: how many clips are new; the others fill up the batch.
      winds, masks: of the clips (``types.Wind``, ``Mask``), if the source has them; else None.
    """

    indices: Int[np.ndarray, " b"]
    clips: UInt8[np.ndarray, "b t h w 3"]
    videos: list[str]
    new: int
    winds: Float[np.ndarray, "b 2"] | None
    masks: Float[np.ndarray, "b h w"] | None


def read_batches(source: ClipSource, batch_size: int) -> Iterator[ClipBatch]:
    """Reads a source from beginning to end, with a progress bar in a terminal.

    Raises:
      ValueError: if clips differ in shape.
    """
    starts = range(0, len(source), batch_size)
    for start in tqdm(starts, desc="evaluate", unit="batch", file=sys.stderr, disable=None):
        indices = np.arange(start, start + batch_size) % len(source)
        new = min(batch_size, len(source) - start)
        yield read_batch(source, indices, new=new)


def read_batch(source: ClipSource, indices: Int[np.ndarray, " b"], *, new: int) -> ClipBatch:
    """The clips at ``indices``, of which the first ``new`` are.

    Raises:
      ValueError: if a clip has another shape than the source's first.
    """
    with ThreadPoolExecutor(min(READERS, len(indices))) as pool:
        items = list(pool.map(lambda index: source[int(index)], indices))
    first = items[0] if 0 in indices else source[0]
    for item in items:
        if item["clip"].shape != first["clip"].shape:
            raise ValueError(
                f"Clips differ in shape: {list(first['clip'].shape)} in {first['video']}, "
                f"{list(item['clip'].shape)} in {item['video']}. Score clips of one shape."
            )
    return ClipBatch(
        indices,
        np.stack([item["clip"] for item in items]),
        [item["video"] for item in items],
        new,
        _stacked(items, "wind"),
        _stacked(items, "mask"),
    )


def _stacked(items: Sequence[Mapping[str, Any]], name: str) -> np.ndarray | None:
    found = [item[name] for item in items if name in item]
    return np.stack(found) if len(found) == len(items) else None
