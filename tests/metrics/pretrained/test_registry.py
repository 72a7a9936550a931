"""Metrics asked for by name: which there are, and which weights they need."""

import jax.numpy as jnp
import pytest

from ssagan_jax.config.registry import tables
from ssagan_jax.metrics.pretrained import registry

PACKAGE = "ssagan_jax.metrics.pretrained"


def test_real_names():
    assert registry.list_metrics() == ("fvd", "kvd", "lpips_alex", "lpips_vgg")


def test_unknown_name():
    with pytest.raises(
        ValueError, match=r'Unknown metric "lpip". Available: fvd, kvd, lpips_alex, lpips_vgg\.'
    ):
        registry.load_metrics(["lpip"])


def test_nothing_asked_needs_nothing():
    nothing = registry.load_metrics(())
    assert nothing.weights == {}
    assert nothing.describe(clips=2, frames=3) == {}
    clips = jnp.zeros((1, 2, 2, 2, 3), jnp.uint8)
    assert nothing.score(clips[:, None], clips) == {
        "frame": {},
        "embedding": {},
    }


def test_a_name_given_twice_counts_once(made_up):
    assert list(registry.load_metrics(["set", "pair", "pair"]).describe(clips=4, frames=3)) == [
        "pair",
        "set",
    ]


def test_fvd_asks_for_2048_clips_and_says_how_it_was_made():
    fvd, kvd = (tables(PACKAGE, "SET_DISTANCES")[name] for name in ("fvd", "kvd"))
    assert (fvd.enough_clips, kvd.enough_clips) == (2048, 0)
    assert tables(PACKAGE, "EMBEDDINGS")["i3d"].settings == {
        "features": "400 logits, averaged over time",
        "size": 224,
        "resize": "bilinear, pixel centres, no antialiasing",
        "sampling": "every scored clip once, all its frames",
    }
