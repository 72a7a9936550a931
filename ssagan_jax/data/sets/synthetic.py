"""The data set that needs no files: painted time-lapses made from seeded noise.

Clip i of a split is always the same, on every machine and at every size. The quickstart and
the tests run on it. The test split does not depend on the seed.
"""

from typing import Any

import numpy as np

from ssagan_jax.data.contract import check_index, check_options, hash_split
from ssagan_jax.data.painting import scenery

CLIPS = {"train": 2000, "test": 100}
_STREAMS = {"train": 0, "test": 1}


class SyntheticSource:
    """Clips by index, painted when asked for."""

    name = "synthetic"
    clips = CLIPS
    pace = 1.0  # of what is seen: time from frame to frame
    paint = staticmethod(scenery.paint_windy)

    def __init__(
        self,
        *,
        split: str,
        size: int,
        frames: int,
        frame_step: int = 1,
        windows: str = "all",
        seed: int = 0,
        wind: bool = False,
        crop: str = "none",
    ):
        check_options(split, size, frames, frame_step, windows, crop)
        if seed < 0:
            raise ValueError(f"seed is {seed}; expected 0 or more.")
        self._split, self._size, self._frames = split, size, frames
        self._frame_step, self._windows, self._wind = frame_step, windows, wind
        self._seed = seed if split == "train" else 0

    def __len__(self) -> int:
        return self.clips[self._split]

    def __getitem__(self, index: int) -> dict[str, Any]:
        index = check_index(index, len(self))
        rng = np.random.default_rng((_STREAMS[self._split], self._seed, index))
        step = self._frame_step * self.pace
        times = np.arange(self._frames, dtype=np.float32) * step
        painted = self.paint(rng, size=self._size, times=times)
        wind = painted.pop("wind") * np.float32(step)
        example = {**painted, "video": self._video(index)}
        return {**example, "wind": wind} if self._wind else example

    def _video(self, index: int) -> str:
        return f"{self.name}-{self._split}-{self._seed}-{index:05d}"

    def describe(self) -> dict[str, Any]:
        return {
            "dataset": self.name,
            "split": self._split,
            "clips": len(self),
            "windows": self._windows,
            "frames": self._frames,
            "size": self._size,
            "frame_step": self._frame_step,
            "split_hash": hash_split((self._video(i), 0) for i in range(len(self))),
        }


def source(*, data_dir: str | None = None, **options: Any) -> SyntheticSource:
    """Opens a split; nothing is read from disk, so ``data_dir`` is not used.

    Args:
      data_dir: accepted because every data set takes it.
      **options: as of ``data.source``. The split "train" has 2,000 clips, "test" 100, the same for
        every seed. A larger ``frame_step`` is faster. ``windows`` and ``crop`` make no difference:
        every clip is a square shot of its own. ``wind`` is the true motion of what moves. Clips of
        ``synthetic_wind`` have ``moving``, the share of each pixel that the wind moves.

    Raises:
      ValueError: on an option out of range.
    """
    del data_dir
    return SyntheticSource(**options)
