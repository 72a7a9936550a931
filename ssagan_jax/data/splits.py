"""Splits as a configuration asks for them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ssagan_jax import data
from ssagan_jax.config.schema import DatasetConfig
from ssagan_jax.data.contract import ClipSource, check_index
from ssagan_jax.data.moving import add_mask


def open_split(
    dataset: DatasetConfig, split: str, seed: int, *, wind: bool = False, mask: bool = False
) -> ClipSource:
    """A configuration's data set, opened at ``train`` or ``test``; errors as ``data.source``.

    With ``mask`` clips come with what moves in them (``data.moving``).
    """
    source = data.source(
        dataset.name,
        split=split,
        size=dataset.size,
        frames=dataset.frames,
        data_dir=dataset.data_dir or None,
        frame_step=dataset.frame_step,
        windows=dataset.windows,
        seed=seed,
        wind=wind,
        crop=dataset.crop,
        cache=dataset.cache or None,
    )
    return WithMasks(source) if mask else source


def open_training_split(
    dataset: DatasetConfig, seed: int, *, wind: bool = False, mask: bool = False
) -> ClipSource:
    """The clips to train on: those of every frame step that is asked for, in the windows of
    training; errors as ``data.source``.
    """
    steps = dict.fromkeys((dataset.frame_step, *dataset.frame_steps))
    windows = dataset.train_windows or dataset.windows
    sources = [
        open_split(
            replace(dataset, frame_step=step, windows=windows), "train", seed, wind=wind, mask=mask
        )
        for step in steps
    ]
    return sources[0] if len(sources) == 1 else Joined(sources)


def fill_cache(dataset: DatasetConfig) -> None:
    """Copies what a configuration reads to its cache, if it has one; errors as ``data.source``."""
    if dataset.cache:
        data.fill_cache(dataset.name, data_dir=dataset.data_dir or None, cache=dataset.cache)


def is_far(dataset: DatasetConfig) -> bool:
    """Whether each clip is fetched from a bucket when it is read."""
    return "://" in dataset.data_dir and not dataset.cache


def contents(source: ClipSource) -> str:
    """A digest of what a source reads, wherever it lies, by which processes know that they agree.

    Sources without one of their own are known by what they say of themselves.
    """
    if isinstance(source, WithMasks):
        return contents(source.source)
    if isinstance(source, Joined):
        found: Any = [contents(part) for part in source.sources]
    elif hasattr(source, "contents"):
        found = source.contents()
    else:
        found = source.describe()
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


class Joined:
    """The clips of several sources, one source after the other."""

    def __init__(self, sources: Sequence[ClipSource]):
        self.sources = sources
        self._ends = np.cumsum([len(source) for source in sources])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> dict[str, Any]:
        index = check_index(index, len(self))
        number = int(np.searchsorted(self._ends, index, side="right"))
        source = self.sources[number]
        return source[index - int(self._ends[number]) + len(source)]

    def describe(self) -> dict[str, Any]:
        """The first source's own, with what there is of all of them."""
        parts = [source.describe() for source in self.sources]
        steps = [part["frame_step"] for part in parts]
        return {**parts[0], "clips": len(self), "frame_step": steps}


class WithMasks:
    """The clips of a source, each with its ``mask``: what moves in it (``data.moving``)."""

    def __init__(self, source: ClipSource):
        self.source = source

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return add_mask(self.source[index])

    def describe(self) -> dict[str, Any]:
        """The source's own: its clips are the same."""
        return self.source.describe()


class Take:
    """The first ``count`` clips of a source (0: all of them), for a quicker evaluation."""

    def __init__(self, source: ClipSource, count: int):
        if count < 0:
            raise ValueError(f"The number of clips is {count}; expected 0 (all) or more.")
        self._source = source
        self._count = min(count, len(source)) if count else len(source)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self._source[check_index(index, self._count)]

    def describe(self) -> dict[str, Any]:
        """The source's own, with how many clips are taken of it."""
        return {**self._source.describe(), "clips": self._count}
