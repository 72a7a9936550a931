"""Where a study's clips come from: files, or the test clips of a training run.

Sources as in ``evaluation.clip_files``, which also know their clips' names.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from ssagan_jax.animation.animator import build_animator
from ssagan_jax.checkpoints.loading import load_generator, read_config
from ssagan_jax.config.resolution import CONFIG
from ssagan_jax.config.schema import DatasetConfig
from ssagan_jax.data.splits import open_split
from ssagan_jax.evaluation.clip_files import FileSource, open_clips
from ssagan_jax.io.paths import on_disk


class RealClips:
    """The test clips that a run is scored on; two runs name the same clips alike, and no others."""

    def __init__(self, path: Path):
        self.path = path
        self._network, self._variables, self._info = load_generator(path)
        config = read_config(self._info["path"])
        self._clips = open_split(DatasetConfig.from_json(config), "test", config["seed"])
        self._described = self._clips.describe()
        read = json.dumps(self._described, sort_keys=True)  # which shots, and how
        data = hashlib.sha256(read.encode()).hexdigest()[:6]
        self.names = [f"{data}-{index:05d}" for index in range(len(self._clips))]

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self._clips[index]

    def describe(self) -> dict[str, Any]:
        """Which data set and split, and the hash of the split."""
        name, split = self._described["dataset"], self._described["split"]
        return {"reference": f"{name}, {split} split", "sha256": self._described["split_hash"]}


class RunClips(RealClips):
    """The clips that a run's generator makes of the first frames of the test clips."""

    def __init__(self, path: Path):
        super().__init__(path)
        self._animate = build_animator(self._network, self._variables)

    def __getitem__(self, index: int) -> dict[str, Any]:
        item = super().__getitem__(index)
        [clip] = self._animate(item["clip"][:1])
        return {"clip": clip, "video": f"{self.path}, of {item['video']}"}

    def describe(self) -> dict[str, Any]:
        """Which network, its hash, and the data."""
        reference = f"{self.path.name}, step {self._info['step']}"
        return {"reference": reference, "sha256": self._info["hash"], "data": super().describe()}


Source = FileSource | RealClips


def open_source(path: str, *, real: bool) -> Source:
    """Opens clips to be shown.

    Args:
      path: a folder of videos, an .npz file with ``clips``, or the workdir of a run.
      real: of a run, the true clips instead of those that it makes.

    Raises:
      FileNotFoundError: if there is nothing at ``path``, or a run without a checkpoint or data.
      ValueError: if it holds no clips.
    """
    place = on_disk(path, "A folder of clips")
    if not (place / CONFIG).is_file():
        return open_clips(place)
    return RealClips(place) if real else RunClips(place)
