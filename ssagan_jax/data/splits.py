"""Splits as a configuration asks for them."""

from typing import Any

from ssagan_jax import data
from ssagan_jax.config.schema import DatasetConfig
from ssagan_jax.data.contract import ClipSource, check_index


def open_split(dataset: DatasetConfig, split: str, seed: int) -> ClipSource:
    """A configuration's data set, opened at ``train`` or ``test``; errors as ``data.source``."""
    return data.source(
        dataset.name,
        split=split,
        size=dataset.size,
        frames=dataset.frames,
        data_dir=dataset.data_dir or None,
        frame_step=dataset.frame_step,
        windows=dataset.windows,
        seed=seed,
    )


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
