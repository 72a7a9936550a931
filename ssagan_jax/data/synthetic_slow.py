"""The built-in clips at a gentler pace, which a small network can follow: the bundled model's.

The scenes are those of ``synthetic``. From frame to frame ``pace`` of the time passes that does
there, so that in 32 frames clouds overhead cross a quarter of the picture instead of two thirds.
"""

from typing import Any

from ssagan_jax.data.synthetic import SyntheticSource


class SlowSource(SyntheticSource):
    """As ``SyntheticSource``, with less time between frames."""

    name = "synthetic_slow"
    pace = 0.4


def source(*, data_dir: str | None = None, **options: Any) -> SlowSource:
    """Opens a split; options and errors are those of ``synthetic.source``."""
    del data_dir
    return SlowSource(**options)
