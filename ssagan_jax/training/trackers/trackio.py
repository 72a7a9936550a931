"""Trackio; where to is said by ``TRACKIO_DIR``, ``TRACKIO_SPACE_ID``, ``TRACKIO_PROJECT``."""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssagan_jax.training.tracking import PROJECT, About

PACKAGE = "trackio"


class _Run:
    def __init__(self, about: About):
        import trackio

        # A run is gone on with by its name, so names are to be of one run only.
        self.identity = about.identity or f"{about.name}-{uuid.uuid4().hex[:6]}"
        self._run = trackio.init(
            project=os.environ.get("TRACKIO_PROJECT", PROJECT),
            name=self.identity,
            config=dict(about.config),
            resume="allow",
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step)

    def media(self, step: int, tag: str, path: Path) -> None:
        import trackio

        shown: Any = trackio.Video if path.suffix == ".gif" else trackio.Image
        self._run.log({tag: shown(path)}, step=step)

    def close(self) -> None:
        self._run.finish()


start = _Run
