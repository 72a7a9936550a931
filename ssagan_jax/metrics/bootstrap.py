"""How sure a mean is: bootstrap intervals over source videos (Efron 1979; Field & Welsh 2007).

Clips cut from one video resemble each other, so whole videos are resampled, with replacement,
as many as there are; the mean of each resample varies as the mean of another test set would.
Plain NumPy. The resamples are the same for every metric and row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

RESAMPLES = 1000
LEVEL = 0.95
SEED = 0


@dataclass(frozen=True)
class Resampling:
    """Resamples of videos: see ``resample_videos``.

    Attributes:
      counts: how often each video is in each resample.
      video_of: the video of each clip.
    """

    counts: Int[np.ndarray, "resamples videos"]
    video_of: Int[np.ndarray, " n"]

    def interval(
        self, above: Float[np.ndarray, " n"], below: Float[np.ndarray, " n"]
    ) -> list[float] | None:
        """Percentile interval of ``sum(above) / sum(below)``, both one number per clip.

        Returns:
          [low, high]; None for a single video, which says nothing of others, or if no
          resample defines the ratio. Resamples that do not are left out.
        """
        videos = self.counts.shape[1]
        if videos < 2:
            return None
        tops, bottoms = (
            self.counts @ np.bincount(self.video_of, weights=x, minlength=videos)
            for x in (above, below)
        )
        defined = bottoms > 0
        if not defined.any():
            return None
        tails = np.array([1 - LEVEL, 1 + LEVEL]) / 2
        return np.quantile(tops[defined] / bottoms[defined], tails).tolist()

    def describe(self) -> dict[str, Any]:
        """The entry of the protocol."""
        return {"level": LEVEL, "draws": RESAMPLES, "seed": SEED, "videos": self.counts.shape[1]}


def resample_videos(videos: Sequence[str]) -> Resampling:
    """Resamples videos, given the source video of each clip."""
    numbers = {video: number for number, video in enumerate(dict.fromkeys(videos))}
    chances = np.full(len(numbers), 1 / len(numbers))
    counts = np.random.default_rng(SEED).multinomial(len(numbers), chances, size=RESAMPLES)
    return Resampling(counts=counts, video_of=np.array([numbers[video] for video in videos]))
