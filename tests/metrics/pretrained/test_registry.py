"""Metrics asked for by name, with made-up networks in place of those that need weights."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.config.registry import tables
from ssagan_jax.metrics.bootstrap import resample
from ssagan_jax.metrics.pretrained import registry, weight_files

PACKAGE = "ssagan_jax.metrics.pretrained"
PAIR = registry.FramePair(
    weights="made_up",
    features=lambda weights, frames: frames.mean((1, 2, 3)),
    distance=lambda weights, a, b: weights["scale"] * jnp.abs(a - b),
)
NETWORK = registry.Embedding(
    weights="made_up",
    embed=lambda weights, clips: weights["scale"] * clips.mean((2, 3)).reshape(len(clips), -1),
    settings={"size": 5},
)
SET = registry.SetDistance(
    embedding="net",
    distance=lambda a, b: float(np.abs(a.mean(0) - b.mean(0)).max()),
    enough_clips=3,
)
TABLES = {"LEARNT": {"pair": PAIR}, "SET": {"set": SET}, "EMBEDDINGS": {"net": NETWORK}}


@pytest.fixture
def made_up(monkeypatch):
    """Networks that take a mean and multiply by 10."""
    source = weight_files.Source(package="p", file="f", sha256="abc", arrays_sha256="")
    monkeypatch.setattr(registry, "tables", lambda package, name: TABLES[name])
    monkeypatch.setattr(weight_files, "SOURCES", {"made_up": source})
    monkeypatch.setattr(weight_files, "load", lambda name: {"scale": np.float32(10)})


def clips(*levels):
    """[n t 2 2 3] from grey levels per frame."""
    levels = np.array(levels, np.uint8)[..., None, None, None]
    return np.broadcast_to(levels, (*levels.shape[:2], 2, 2, 3))


def test_real_names():
    assert registry.known() == ("fvd", "kvd", "lpips_alex", "lpips_vgg")


def test_unknown_name():
    with pytest.raises(
        ValueError, match=r'Unknown metric "lpip". Available: fvd, kvd, lpips_alex, lpips_vgg\.'
    ):
        registry.load(["lpip"])


def test_nothing_asked_needs_nothing():
    nothing = registry.load(())
    assert nothing.weights == {}
    assert nothing.describe(clips=2, frames=3) == {}
    assert nothing.score(*(jnp.asarray(clips([0, 1])),) * 2) == {"frame": {}, "embedding": {}}


def test_frames_are_scored_against_the_reference(made_up):
    """Grey levels in 127.5: 51 are 0.4, times 10. The still picture is the first real frame."""
    loaded = registry.load(["pair"])
    assert loaded.embeddings == {}
    real, prediction = (jnp.asarray(clips(x)) for x in ([0, 51, 102], [0, 51, 153]))
    [scores] = loaded.score(prediction, real)["frame"]["pair"]
    np.testing.assert_allclose(scores, [[0, 0, 4], [0, 4, 8]], atol=1e-5)


def test_clips_are_embedded_with_the_still_picture_and_the_reference(made_up):
    loaded = registry.load(["set"])
    assert loaded.pairs == {}
    real, prediction = (jnp.asarray(clips(x)) for x in ([0, 51], [51, 102]))
    [found] = loaded.score(prediction, real)["embedding"]["net"]
    np.testing.assert_allclose(found[:, ::3], [[-6, -2], [-10, -10], [-10, -6]], atol=1e-5)


def test_summary_counts_frames_from_the_second_on(made_up):
    loaded = registry.load(["pair", "set"])
    row = loaded.summarise(
        frame={"pair": np.array([[9.0, 1, 3], [9.0, 4, 6]])},
        embedding={"net": np.array([[0.0], [4.0]])},
        reference={"net": np.array([[1.0], [2.0]])},
        resampling=resample(["a", "b"]),
    )
    assert row == {
        "perceptual": {"pair": 3.5, "set": 0.5},
        "curves": {"pair": [9, 2.5, 4.5]},
        "interval": {"pair": [2, 5]},
    }


def test_a_name_given_twice_counts_once(made_up):
    assert list(registry.load(["set", "pair", "pair"]).describe(clips=4, frames=3)) == [
        "pair",
        "set",
    ]


def test_description_says_how_and_on_what(made_up):
    origin = {"package": "p", "weights_sha256": "abc"}
    assert registry.load(["pair", "set"]).describe(clips=4, frames=3) == {
        "pair": {**origin, "counted_frames": 2},
        "set": {**origin, "clips": 4, "frames": 3, "enough_clips": 3, "size": 5},
    }


def test_few_clips_are_warned_of(made_up):
    with pytest.warns(UserWarning, match="^set of 2 clips is far above what 3 would give"):
        registry.load(["pair", "set"]).warn_of_few(2)


def test_enough_clips_are_not(made_up):
    registry.load(["pair", "set"]).warn_of_few(3)  # a warning would be an error


def test_fvd_asks_for_2048_clips_and_says_how_it_was_made():
    fvd, kvd = (tables(PACKAGE, "SET")[name] for name in ("fvd", "kvd"))
    assert (fvd.enough_clips, kvd.enough_clips) == (2048, 0)
    assert tables(PACKAGE, "EMBEDDINGS")["i3d"].settings == {
        "features": "400 logits, averaged over time",
        "size": 224,
        "resize": "bilinear, pixel centres, no antialiasing",
        "sampling": "every scored clip once, all its frames",
    }
