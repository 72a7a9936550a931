"""From a source of clips to batches: shuffle, shard, flip, batch, all resumable (Grain)."""

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import grain
import numpy as np

from ssagan_jax.data.contract import ClipSource
from ssagan_jax.data.preprocess import random_flip, random_reverse

MOST_WORKERS = 16


def train_batches(
    source: ClipSource,
    *,
    batch_size: int,
    seed: int,
    flip: bool = False,
    reverse: bool = False,
    process_index: int = 0,
    process_count: int = 1,
    workers: int | None = None,
    arrays: Sequence[str] = ("clip", "wind"),
) -> grain.DatasetIterator:
    """Endless batches in a seeded order, new each epoch.

    The order is global, and each process reads its own rows of every batch: the local batches of a
    step, concatenated, are the batch that a single process reads. Within an epoch no clip is read
    twice. A source smaller than a batch is repeated.

    Args:
      source: the clips.
      batch_size: of all processes together.
      seed: of the order and the flips.
      flip: mirrors half of the clips left to right (off in the paper's recipes).
      reverse: plays half of the clips backwards (likewise).
      process_index: which of the processes this is.
      process_count: how many processes share the batch.
      workers: threads that read and decode; 0 does so in the caller, None takes one for each core,
        up to ``MOST_WORKERS``.
      arrays: of each clip's dict, what batches hold where the source has it.

    Returns:
      An iterator of ``{"clip": uint8 [batch_size / process_count, t, h, w, 3]}``, with ``wind``
      [.., 2], ``moving`` and ``mask`` [.., h, w], mirrored and reversed as their clip is. Its
      ``get_state()`` is a small dict of JSON types. ``set_state`` on a fresh iterator with the same
      arguments continues bit for bit.

    Raises:
      ValueError: if the batch does not divide among the processes, or a number is out of range.
    """
    local = _local_batch(batch_size, process_index, process_count)
    clips = grain.MapDataset.source(source).seed(seed).shuffle().repeat()
    clips = clips.map(partial(_only, arrays))
    for asked, change in ((flip, random_flip), (reverse, random_reverse)):
        if asked:
            clips = clips.random_map(change)
    clips = _Rows(clips, batch_size, process_index, process_count)
    batches = clips.to_iter_dataset(_read_options(workers, local)).batch(local)
    return iter(batches)


def global_position(position: dict, process_count: int) -> dict:
    """A process's ``get_state()``, counted in clips of all processes: the same for all."""
    return {**position, "next_index": position["next_index"] * process_count}


def local_position(position: dict, process_count: int) -> dict:
    """The inverse, for ``set_state``, perhaps with another number of processes."""
    return {**position, "next_index": position["next_index"] // process_count}


class _Rows(grain.MapDataset):
    """One process's rows of every global batch."""

    def __init__(self, parent, batch_size, process_index, process_count):
        super().__init__(parent)
        self._batch, self._local = batch_size, batch_size // process_count
        self._first = process_index * self._local

    def __len__(self):
        return len(self._parent) // self._batch * self._local

    def __getitem__(self, index):
        batch, row = divmod(index, self._local)
        return self._parent[batch * self._batch + self._first + row]


def _local_batch(batch_size: int, process_index: int, process_count: int) -> int:
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; expected a whole number of at least 1.")
    if not 0 <= process_index < process_count:
        raise ValueError(
            f"process_index is {process_index} of {process_count} processes; expected 0 or more "
            "and less than process_count."
        )
    if batch_size % process_count:
        raise ValueError(
            f"batch_size {batch_size} does not divide among {process_count} processes. "
            "batch_size counts the clips of all processes: choose a multiple of "
            f"{process_count}."
        )
    return batch_size // process_count


def _read_options(workers: int | None, local_batch: int) -> grain.ReadOptions:
    """Threads, and clips kept ready: two batches (Grain's own default keeps 500 clips)."""
    threads = min(MOST_WORKERS, os.cpu_count() or 1) if workers is None else workers
    if threads < 0:
        raise ValueError(f"workers is {threads}; expected 0 (no threads) or more.")
    if threads == 0:
        return grain.ReadOptions(num_threads=0, prefetch_buffer_size=0)
    return grain.ReadOptions(
        num_threads=threads, prefetch_buffer_size=max(threads, 2 * local_batch)
    )


def _only(names: Sequence[str], example: dict[str, Any]) -> dict[str, np.ndarray]:
    return {name: example[name] for name in names if name in example}
