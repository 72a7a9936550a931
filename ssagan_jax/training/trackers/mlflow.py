"""MLflow; where to is said by ``MLFLOW_TRACKING_URI`` and ``MLFLOW_EXPERIMENT_NAME``."""

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path

from ssagan_jax.config.resolution import flattened
from ssagan_jax.training.tracking import PROJECT, About

PACKAGE = "mlflow"
_LONGEST = 500  # characters of a parameter, which every server takes


class _Run:
    def __init__(self, about: About):
        from mlflow.tracking import MlflowClient

        self._client = MlflowClient()
        if about.identity:
            self.identity = about.identity
            self._client.update_run(self.identity, status="RUNNING")
            return
        created = self._client.create_run(self._experiment(), run_name=about.name)
        self.identity = created.info.run_id
        for key, value in flattened(about.config).items():
            self._client.log_param(self.identity, key, str(value)[:_LONGEST])

    def _experiment(self) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT)
        found = self._client.get_experiment_by_name(name)
        return found.experiment_id if found else self._client.create_experiment(name)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        points = [Metric(name, value, now, step) for name, value in values.items()]
        self._client.log_batch(self.identity, metrics=points)

    def media(self, step: int, tag: str, path: Path) -> None:
        folder = re.sub(r"\W+", "_", tag).strip("_")
        self._client.log_artifact(self.identity, str(path), artifact_path=folder)

    def close(self) -> None:
        self._client.set_terminated(self.identity)


start = _Run
