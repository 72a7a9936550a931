"""Bounds, on clips whose motion is known."""

import cv2
import numpy as np
import pytest

from ssagan_jax.evaluation import bounds
from ssagan_jax.evaluation.batches import ClipBatch

SIZE, FRAMES = 64, 6


@pytest.fixture(scope="module")
def texture():
    """A smooth random picture, larger than a clip."""
    noise = np.random.default_rng(0).random((SIZE, 2 * SIZE, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return (255 * smooth).astype(np.uint8)


@pytest.fixture(scope="module")
def drifting(texture):
    """To the right by a pixel a frame, in the upper half; the lower half stands still."""
    frames = []
    for t in range(FRAMES):
        frame = texture[:, SIZE - 20 - t : 2 * SIZE - 20 - t].copy()
        frame[SIZE // 2 :] = texture[SIZE // 2 :, :SIZE]
        frames.append(frame)
    return np.stack(frames)


def error(clip, real):
    """Mean squared error in [0, 1], away from what comes in from the left."""
    difference = clip[:, :, 8:].astype(float) - real[:, :, 8:]
    return np.mean((difference / 255) ** 2)


def test_the_field_is_the_motion_of_the_content(drifting):
    field = bounds.static_field(drifting)
    assert field.shape == (SIZE, SIZE, 2) and field.dtype == np.float32
    np.testing.assert_allclose(field[4:24, 10:-10, 0].mean(), 1, atol=0.05)
    np.testing.assert_allclose(field[40:, 10:-10], 0, atol=0.1)
    np.testing.assert_allclose(field[..., 1].mean(), 0, atol=0.05)


def test_both_bounds_beat_the_still_picture_and_move_as_the_clip_does(drifting):
    batch = ClipBatch(np.arange(1), drifting[None], ["a"], 1, None, None)
    found = bounds.predict_bounds(batch)
    assert list(found) == list(bounds.BOUNDS)
    still = error(np.repeat(drifting[:1], FRAMES, axis=0), drifting)
    for clips in found.values():
        assert clips.shape == batch.clips.shape and clips.dtype == np.uint8
        np.testing.assert_array_equal(clips[0, 0], drifting[0])
        assert error(clips[0], drifting) < 0.1 * still


def test_one_vector_is_the_mean_of_what_moves_and_fades_out():
    field = np.zeros((SIZE, SIZE, 2), np.float32)
    field[:20] = (2, 0)
    field[20:32] = (1.5, -0.5)
    found = bounds.keep_one_vector(field)
    wind = (np.array([2, 0]) * 20 + np.array([1.5, -0.5]) * 12) / 32
    np.testing.assert_allclose(found[0, 5], wind, rtol=1e-3)
    np.testing.assert_allclose(found[-1, 5], 0, atol=1e-6)
    np.testing.assert_allclose(found[31, 5] + found[32, 5], wind, rtol=1e-3)


def test_a_warp_by_whole_pixels_is_a_shift_with_a_mirror_at_the_border(texture):
    photo = texture[:, :SIZE]
    field = np.broadcast_to(np.float32([2, 0]), (SIZE, SIZE, 2)).copy()
    clip = bounds.warp(photo, field, 3)
    np.testing.assert_array_equal(clip[2][:, 4:], photo[:, :-4])
    np.testing.assert_array_equal(clip[2][:, :4], photo[:, 3::-1])


def test_what_moves_into_a_still_region_s_pixels_is_the_still_region():
    """Traced, not extrapolated: nothing is pulled over the edge of what moves."""
    photo = np.zeros((8, SIZE, 3), np.uint8)
    photo[:, :32] = 200
    field = np.zeros((8, SIZE, 2), np.float32)
    field[:, 32:, 0] = 1
    clip = bounds.warp(photo, field, 20)
    assert (clip[-1][:, :32] == 200).all() and (clip[-1][:, -10:] == 0).all()
    assert (clip[-1][:, 33:48] == 200).all()  # drawn from the still region's border
