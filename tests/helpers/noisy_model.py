"""A model with made-up noise whose error is known, and clips for it."""

import numpy as np

from ssagan_jax.data.contract import ClipSource

T, SIDE, BATCH = 3, 12, 2
# Grey levels by which each clip is too bright after its photo, for the seeds 0, 1, 2.
ERRORS = np.array([[51, 102, 25.5], [102, 51, 153]], dtype=np.float32)
OFFSETS = np.rint(ERRORS).astype(np.uint8)


class Source(ClipSource):
    """Still clips in memory, three of them: a full batch and a short one."""

    def __init__(self):
        photos = np.random.default_rng(0).integers(0, 90, (3, 1, SIDE, SIDE, 3), dtype=np.uint8)
        self.clips = np.repeat(photos, T, axis=1)

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, index):
        return {"clip": self.clips[index], "video": f"video{index}"}

    def describe(self):
        return {"dataset": "made up"}


def animate(photos, *, seed=0):
    """The photo, then brighter frames: how much depends on the place in the batch and the seed."""
    clips = np.repeat(photos[:, None], T, axis=1)
    clips[:, 1:] += OFFSETS[:, seed, None, None, None, None]
    return clips


animate.draws_noise = True
