"""The ladder of resolutions: the paper's table and its neighbours."""

import pytest

from ssagan_jax.models.layers.pyramid import FRAMES, SIZES, Level, levels, time_left


def test_the_paper_has_five_levels_of_4_cubed_but_the_first():
    ladder = levels(128, 32, 32)
    assert ladder[0] == Level(32, (3, 4, 4), (1, 2, 2))
    assert ladder[1:] == tuple(Level(n, (4, 4, 4), (2, 2, 2)) for n in (64, 128, 256, 512))
    assert all(level.padding == (1, 1, 1) for level in ladder)
    assert time_left(32, ladder) == 2


def test_time_is_halved_until_two_frames_are_left():
    ladder = levels(256, 8, 4)
    assert [level.strides[0] for level in ladder] == [1, 2, 2, 1, 1, 1]
    assert [level.kernel[0] for level in ladder] == [3, 4, 4, 3, 3, 3]
    assert time_left(8, ladder) == 2


def test_few_levels_leave_more_frames():
    assert time_left(64, levels(32, 64, 4)) == 16


def test_channels_double_up_to_16_times_the_first():
    assert [level.features for level in levels(256, 64, 8)] == [8, 16, 32, 64, 128, 128]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("frames", FRAMES)
def test_every_ladder_ends_at_4_by_4(size, frames):
    ladder = levels(size, frames, 4)
    assert size // 2 ** len(ladder) == 4
    assert all(level.strides[1:] == (2, 2) for level in ladder)


def test_illegal_size_and_frames():
    with pytest.raises(ValueError, match=r"size must be one of \(32, 64, 128, 256\), not 100"):
        levels(100, 32, 4)
    with pytest.raises(ValueError, match=r"frames must be one of \(8, 16, 32, 64\), not 12"):
        levels(64, 12, 4)
