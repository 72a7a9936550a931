import numpy as np

from ssagan_jax import data
from ssagan_jax.data.sets import synthetic, synthetic_slow


def open_usual(frames):
    return data.source("synthetic", split="train", size=16, frames=frames)


def test_slow_clips_are_the_same_scenes_in_less_time(monkeypatch):
    """At a pace of 0.4 five frames take the time of two."""
    slow = data.source("synthetic_slow", split="train", size=16, frames=6)
    usual = open_usual(frames=3)
    tinted = slow[7]["clip"]
    monkeypatch.setattr(synthetic_slow, "tinted", lambda clip, rng: clip)
    np.testing.assert_array_equal(slow[7]["clip"][[0, 5]], usual[7]["clip"][[0, 2]])
    assert (slow[7]["clip"] != tinted).any()
    assert slow[7]["video"] == "synthetic_slow-train-0-00007"
    assert slow.describe()["dataset"] == "synthetic_slow"
    assert slow.describe()["split_hash"] != usual.describe()["split_hash"]


def test_slow_clips_have_slow_winds():
    slow, usual = (
        of.source(split="train", size=16, frames=2, wind=True)[7]["wind"]
        for of in (synthetic_slow, synthetic)
    )
    np.testing.assert_allclose(slow, 0.4 * usual, rtol=1e-5)


def test_slow_clips_have_a_tint_of_their_own():
    slow = data.source("synthetic_slow", split="train", size=16, frames=2)
    np.testing.assert_array_equal(slow[7]["clip"], slow[7]["clip"])
    clips = [slow[i]["clip"].reshape(-1, 3).astype(float) for i in range(8)]
    means = [clip.mean(0) / clip.mean() for clip in clips]
    usual = [open_usual(frames=2)[i]["clip"].reshape(-1, 3).mean(0) for i in range(8)]
    usual = [mean / mean.mean() for mean in usual]
    differences = [np.abs(a - b).max() for a, b in zip(means, usual, strict=True)]
    assert min(differences) > 0.01 and max(differences) > 0.1


def test_a_tint_is_a_saturation_and_a_gain_of_each_colour():
    class Draws(np.random.Generator):
        def uniform(self, low, high, size=None):
            return 0.0 if size is None else np.array([1.0, 0.9, 1.1])

    clip = np.array([[[[10, 20, 60]]]], np.uint8)
    np.testing.assert_array_equal(
        synthetic_slow.tinted(clip, Draws(np.random.PCG64(0))), [[[[30, 27, 33]]]]
    )
