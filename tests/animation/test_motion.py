"""Sequences of changes: their length, seams, ends and speed."""

import itertools

import numpy as np
import pytest

from ssagan_jax.animation import motion
from tests.helpers.movers import mover, waves


def sequence(model=None, photo=None, **options):
    photo = waves() if photo is None else photo
    return np.stack(list(motion.changes(model or mover(), photo, **options)))


def steps(changes):
    """Mean absolute difference of consecutive frames."""
    return np.abs(np.diff(changes, axis=0)).mean((1, 2, 3))


def test_one_window_is_the_clip_less_its_first_frame():
    found = sequence(frames=16)
    clip = mover()(waves()[None])[0].astype(int)
    np.testing.assert_array_equal(found, clip - clip[0])
    np.testing.assert_array_equal(sequence(frames=5), found[:5])


def test_what_the_network_does_to_the_photo_itself_is_no_change():
    dark = mover(run=lambda photos, *_: np.repeat(photos[:, None] // 2, 16, axis=1))
    assert not sequence(dark, frames=16).any()
    np.testing.assert_array_equal(motion.first_frame(dark, waves(), seed=0), waves() // 2)


@pytest.mark.parametrize("noise", [False, True])
def test_seams_are_no_jumps(noise):
    """A seam's step is at most 1.25 times the median step inside the windows."""
    model = mover(noise=noise)
    one = steps(sequence(model, frames=16))[1:]  # noise jumps in at the stub's second frame
    long = sequence(model, frames=256)
    assert len(long) == 256
    assert steps(long)[1:].max() <= 1.25 * np.median(one)


def test_windows_without_a_fade_would_jump():
    clip = sequence(frames=16)
    jump = np.abs(clip[-1] - clip[0]).mean()
    assert jump > 1.25 * np.median(steps(clip))


def test_long_clips_neither_stop_nor_drift():
    long = sequence(frames=256)
    assert steps(long).min() > 0.2 * np.median(steps(long))
    assert abs(long[128:].mean()) < 1 and np.abs(long).max() <= 255


def test_every_window_draws_its_own_noise():
    one, two = (sequence(mover(noise=True), frames=200, seed=seed) for seed in (1, 2))
    assert (one != two).any()
    np.testing.assert_array_equal(one, sequence(mover(noise=True), frames=200, seed=1))
    still = mover(noise=True, run=lambda photos, seed, words: _level(photos, seed))
    assert len(np.unique(np.stack(list(motion.changes(still, waves(), frames=200)))[20:])) > 3


def _level(photos, seed):
    clips = np.repeat(np.asarray(photos)[:, None] // 2, 16, axis=1)
    clips[:, 1:] += np.uint8(int(seed) % 97)
    return clips


def test_a_model_without_noise_is_run_once():
    calls = []

    def run(photos, seed, words):
        calls.append(seed)
        return np.repeat(photos[:, None], 16, axis=1)

    sequence(mover(run=run), frames=100)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("frames", "speed"), [(8, 1), (11, 1), (16, 1), (100, 1), (40, 0.53), (30, 1.7)]
)
def test_a_loop_has_no_seam(frames, speed):
    loop = sequence(frames=frames, speed=speed, loop=True)
    assert len(loop) == frames
    around = steps(np.concatenate([loop, loop[:1]]))
    inside = np.median(steps(sequence(frames=9, speed=speed)))  # of one window
    assert around[-1] <= 1.25 * inside and around.max() <= 1.25 * inside


def test_a_clip_that_is_no_loop_jumps_at_its_end():
    straight = sequence(frames=16)
    assert np.abs(straight[0] - straight[-1]).mean() > 3 * np.median(steps(straight))


def test_a_loop_with_noise_ends_with_the_windows_it_began_with():
    loop = sequence(mover(noise=True), frames=60, loop=True)
    assert np.abs(loop[0] - loop[-1]).mean() <= 1.25 * np.median(steps(loop))


def test_a_loop_of_one_frame():
    assert sequence(frames=1, loop=True).shape == (1, 32, 32, 3)


def test_speed_changes_the_motion_not_the_length():
    normal, double, half = (sequence(frames=8, speed=speed) for speed in (1, 2, 0.5))
    assert len(normal) == len(double) == len(half) == 8
    np.testing.assert_array_equal(double[:4], sequence(frames=16)[:8:2])
    np.testing.assert_allclose(half[:7:2], normal[:4])
    np.testing.assert_allclose(half[1], (normal[0] + normal[1]) / 2)


def test_default_frames_is_one_window():
    assert motion.default_frames(mover(), speed=1.0) == 16
    assert motion.default_frames(mover(), speed=2.0) == 8
    assert motion.default_frames(mover(), speed=0.25) == 64
    fast = sequence(frames=8, speed=2.0)
    np.testing.assert_array_equal(fast, sequence(frames=15)[::2])


def test_changes_come_one_by_one():
    some = motion.changes(mover(), waves(), frames=10**9)
    assert len(list(itertools.islice(some, 3))) == 3
