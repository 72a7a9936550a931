"""Weights & Biases; where to is said by ``WANDB_MODE``, ``WANDB_PROJECT``, ``WANDB_DIR``."""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssagan_jax.training.tracking import PROJECT, About

PACKAGE = "wandb"
# A curve's axis. wandb's own steps only grow; a run that goes on from a checkpoint repeats some.
STEP = "step"


class _Run:
    def __init__(self, about: About):
        import wandb

        self.identity = about.identity or uuid.uuid4().hex[:12]
        # The terminal stays the run's own; a question for a key there is not waited for.
        settings = wandb.Settings(console="off", login_timeout=1.0)
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            name=about.name,
            id=self.identity,
            resume="allow",
            settings=settings,
        )
        self._run.config.update(dict(about.config), allow_val_change=True)
        self._run.define_metric(STEP, hidden=True)
        self._run.define_metric("*", step_metric=STEP)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log({**values, STEP: step})

    def media(self, step: int, tag: str, path: Path) -> None:
        import wandb

        shown: Any = wandb.Video if path.suffix == ".gif" else wandb.Image
        self._run.log({tag: shown(str(path)), STEP: step})

    def close(self) -> None:
        self._run.finish()


start = _Run
