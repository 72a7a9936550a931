"""What moves in a clip, against clips that are moved by hand and painted ones that know it."""

import numpy as np
import pytest

from ssagan_jax import data
from ssagan_jax.data.moving import add_mask, measure_mask
from tests.data.test_winds import RNG, clouds, shifted

FRAMES = 8


def clip_of(size, *, pixels, top):
    """Clouds of which the rows above ``top`` drift to the right, by pixels a frame; with noise."""
    picture = clouds(size)
    frames = []
    for t in range(FRAMES):
        frame = np.asarray(shifted(picture, pixels * t, 0)).astype(float)
        frame[top:] = picture[top:]
        frames.append(frame + RNG.normal(0, 2, frame.shape))
    return np.clip(frames, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [32, 64, 128])
def test_the_upper_half_moves(size):
    mask = measure_mask(clip_of(size, pixels=size / 64, top=size // 2))
    assert mask.shape == (size, size) and mask.dtype == np.float32
    assert mask.min() >= 0 and mask.max() <= 1
    quarter = size // 4  # beyond the edge flow and blur have faded out
    assert mask[: size // 2].mean() > 0.95 and mask[-quarter:].mean() < 0.15


def test_where_nothing_moves_noise_is_not_taken_for_motion():
    assert measure_mask(clip_of(64, pixels=0, top=0)).mean() < 0.1
    assert not measure_mask(clip_of(64, pixels=0, top=0)[:1]).any()  # one frame


def test_slow_parts_of_what_moves_count_too():
    fast, slow = clip_of(64, pixels=1.2, top=64), clip_of(64, pixels=0.5, top=64)
    joined = np.concatenate([fast[:, :32], slow[:, 32:]], axis=1)
    assert measure_mask(joined)[40:].mean() > 0.9


def test_painted_clips_know_theirs_and_what_is_unknown_may_move():
    moving = np.array([[0.25, np.nan], [0, 1]], np.float32)
    example = {"clip": np.zeros((2, 2, 2, 3), np.uint8), "moving": moving}
    found = add_mask(example)
    np.testing.assert_array_equal(found["mask"], [[0.25, 1], [0, 1]])
    assert np.isnan(found["moving"][0, 1]) and "mask" not in example


def test_flow_finds_most_of_what_the_painter_moves():
    source = data.source("synthetic_wind", split="test", size=32, frames=8, frame_step=2)
    overlaps = []
    for index in range(12):
        example = source[index]
        true, known = example["moving"] > 0.5, ~np.isnan(example["moving"])
        if true.any():
            found = measure_mask(example["clip"]) > 0.5
            overlaps.append((found & true).sum() / ((found | true) & known).sum())
    assert len(overlaps) >= 8 and np.median(overlaps) > 0.7
