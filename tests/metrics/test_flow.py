"""Optical flow against known shifts and scikit-image."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage
from skimage.registration import optical_flow_ilk

from ssagan_jax.metrics.flow import flow_magnitude, optical_flow, unexplained_change
from ssagan_jax.metrics.motion import flicker

SIDE = 64


@pytest.fixture(scope="module")
def texture():
    field = np.random.default_rng(0).standard_normal((3 * SIDE, 3 * SIDE))
    smooth = ndimage.gaussian_filter(field, 3)
    return (smooth - smooth.min()) / np.ptp(smooth)


def shifted(texture, flow):
    """The middle of the texture, moved by (dy, dx) pixels (numbers or fields)."""
    grid = np.mgrid[:SIDE, :SIDE] + float(SIDE)
    points = [grid[0] - flow[0], grid[1] - flow[1]]
    return ndimage.map_coordinates(texture, points, order=3).astype(np.float32)


def smooth_field():
    """A flow that changes slowly over the frame, up to 1.5 px."""
    field = np.random.default_rng(1).standard_normal((2, SIDE, SIDE))
    field = ndimage.gaussian_filter(field, (0, 8, 8))
    return 1.5 * field / np.abs(field).max()


@pytest.fixture(scope="module")
def found(texture):
    """All pairs at once: one compilation."""
    motions = {"still": (0, 0), "small": (0.4, -0.3), "large": (2, 1.5), "field": smooth_field()}
    first = shifted(texture, (0, 0))
    second = np.stack([shifted(texture, motion) for motion in motions.values()])
    pairs = jnp.broadcast_to(first, second.shape), jnp.asarray(second)
    flows = np.asarray(jax.jit(optical_flow)(*pairs))
    return dict(zip(motions, flows, strict=True)), first, dict(zip(motions, second, strict=True))


def test_still_frames_have_no_flow(found):
    assert not found[0]["still"].any()


@pytest.mark.parametrize(("name", "motion"), [("small", (0.4, -0.3)), ("large", (2, 1.5))])
def test_known_shift_is_found(found, name, motion):
    flow = found[0][name]
    length = np.hypot(*motion)
    np.testing.assert_allclose(flow.mean((0, 1)), motion, atol=0.1 * length)
    np.testing.assert_allclose(np.linalg.norm(flow, axis=-1).mean(), length, rtol=0.1)


def test_agrees_with_scikit_image(found):
    flows, first, second = found
    theirs = np.stack(optical_flow_ilk(first, second["field"], radius=7), axis=-1)
    ours = flows["field"]
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.95
    lengths = (np.linalg.norm(flow, axis=-1).mean() for flow in (ours, theirs))
    np.testing.assert_allclose(*lengths, rtol=0.1)


def test_magnitude_of_clips(texture):
    frames = np.stack([shifted(texture, (0, speed * t)) for speed in (0, 1, 1.5) for t in range(3)])
    clips = np.broadcast_to(frames[..., None], (*frames.shape, 3)).reshape(3, 3, SIDE, SIDE, 3)
    found = jax.jit(flow_magnitude)(jnp.asarray(2 * clips - 1, jnp.float32))
    np.testing.assert_allclose(found, [0, 1, 1.5], rtol=0.1, atol=1e-6)


def test_flow_explains_what_moves_and_not_what_fades(texture):
    still = shifted(texture, (0, 0))
    moving = np.stack([shifted(texture, (0, 0.5 * step)) for step in range(3)])
    fading = np.stack([still * (1 - 0.02 * step) for step in range(3)])
    clips = np.broadcast_to(np.stack([moving, fading])[..., None], (2, 3, SIDE, SIDE, 3))
    explained = jax.jit(lambda clips: 1 - unexplained_change(clips) / flicker(clips))(
        (2 * clips - 1).astype(np.float32)
    )
    assert explained[0] > 0.8 and explained[1] < 0.6  # a fade of texture looks like flow in part


def test_frames_that_are_not_square_and_odd():
    rng = np.random.default_rng(2)
    frame = ndimage.gaussian_filter(rng.standard_normal((1, 19, 33)), (0, 2, 2))
    frame = (frame / np.abs(frame).max()).astype(np.float32)
    flow = jax.jit(optical_flow)(frame, np.roll(frame, 1, axis=2))
    assert flow.shape == (1, 19, 33, 2)
    np.testing.assert_allclose(np.median(flow[0], axis=(0, 1)), [0, 1], atol=0.1)
