"""A wide painted world with winds of every direction: what a model that takes the wind learns from.

Clip i of a split is always the same, on every machine, and the same scene at every size. What is
in it, and what of that moves, is painted by ``data/painting/world.py``.
"""

from typing import Any

from ssagan_jax.data.painting import world
from ssagan_jax.data.sets.synthetic import SyntheticSource


class WindSource(SyntheticSource):
    """As ``SyntheticSource``, of another painter."""

    name = "synthetic_wind"
    clips = {"train": 10_000, "test": 200}  # noqa: RUF012
    paint = staticmethod(world.paint_clip)


def source(*, data_dir: str | None = None, **options: Any) -> WindSource:
    """Opens a split; options and errors are those of ``synthetic.source``."""
    del data_dir
    return WindSource(**options)
