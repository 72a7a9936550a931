"""The clips of a run: batches to train on, and the test split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grain
import jax

from ssagan_jax.config.schema import Config
from ssagan_jax.data import pipeline
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.data.splits import contents, is_far, open_split, open_training_split
from ssagan_jax.losses.mask import NEEDS_MOVING


@dataclass(frozen=True)
class Data:
    """Training batches of this process, and the test split.

    Attributes:
      identity: what must be the same on all processes: numbers of clips, digests of contents.
    """

    batches: grain.DatasetIterator
    test: ClipSource
    identity: Mapping[str, object]

    @property
    def position(self) -> dict[str, Any]:
        """How far the batches are, for any number of processes."""
        return pipeline.global_position(self.batches.get_state(), jax.process_count())

    def go_to(self, position: Mapping[str, Any]) -> None:
        """Continues after the batches that a run had taken."""
        self.batches.set_state(pipeline.local_position(dict(position), jax.process_count()))


def open_data(config: Config, arrays: Sequence[str] = ("clip",)) -> Data:
    """Opens both splits: a missing one is known now, not at the first sample.

    Args:
      config: names the data set.
      arrays: what batches hold of each clip.

    Raises:
      ValueError: if the data set does not know what moves, and a loss asks for it.
    """
    hints = {name: name in arrays for name in ("wind", "mask")}
    train = open_training_split(config.dataset, config.seed, **hints)
    test = open_split(config.dataset, "test", config.seed, **hints)
    if "moving" in arrays and "moving" not in train[0]:
        raise ValueError(
            f"The loss {NEEDS_MOVING} compares the mask with what truly moves, which the data set "
            f'"{config.dataset.name}" does not know. Expected one that is painted with it '
            "(synthetic_wind); or take the loss out of config.generator_losses."
        )
    batches = pipeline.train_batches(
        train,
        arrays=arrays,
        batch_size=config.schedule.batch_size,
        seed=config.seed,
        flip=config.dataset.flip,
        reverse=config.dataset.reverse,
        process_index=jax.process_index(),
        process_count=jax.process_count(),
        workers=pipeline.MOST_WORKERS if is_far(config.dataset) else None,  # they mostly wait
    )
    identity = {
        "train clips": len(train),
        "train contents": contents(train)[:16],
        "test clips": len(test),
        "test contents": contents(test)[:16],
    }
    return Data(batches, test, identity)
