"""The right frames in the right places, large enough to look at."""

import numpy as np
import pytest

from ssagan_jax.viz.contact_sheet import contact_sheet


def ramp(frames, size=32):
    """Frame t is all (100 + t, 0, 0), a red that the grey labels do not have."""
    clip = np.zeros((frames, size, size, 3), np.uint8)
    clip[..., 0] = 100 + np.arange(frames)[:, None, None]
    return clip


def cells(sheet, level):
    """Height and width of what is drawn in one level of red."""
    where = (sheet == [level, 0, 0]).all(-1)
    return np.count_nonzero(where.any(1)), np.count_nonzero(where.any(0))


def test_frames_are_evenly_spaced_and_enlarged():
    sheet = contact_sheet({"photo": ramp(51)[50], "generated": ramp(32)}, columns=4)
    assert sheet.dtype == np.uint8
    drawn = [level for level in range(100, 132) if cells(sheet, level)[0] > 100]
    assert drawn == [100, 110, 121, 131]  # first and last are there
    assert all(cells(sheet, level) == (128, 128) for level in [*drawn, 150])
    left = [np.argmax((sheet == [level, 0, 0]).all(-1).any(0)) for level in drawn]
    assert left == sorted(left) and len(set(left)) == 4


def test_height_is_used_for_small_and_large_frames():
    for size in (16, 24, 100):
        assert cells(contact_sheet({"real": ramp(2, size)}, height=48), 101) == (48, 48)
    wide = ramp(2)[:, :16]
    assert cells(contact_sheet({"real": wide}, height=64), 100) == (64, 128)


def test_small_frames_keep_their_pixels():
    pixels = np.zeros((2, 16, 16, 3), np.uint8)
    pixels[..., 0] = 100 + 50 * (np.indices((16, 16)).sum(0) % 2)
    sheet = contact_sheet({"real": pixels}, height=64)
    reds = sheet[(sheet[..., 1:] == 0).all(-1)][:, 0]
    assert np.unique(reds).tolist() == [100, 150]  # no blends


def test_samples_are_stacked_and_labelled():
    one = contact_sheet({"real": ramp(8)})
    two = contact_sheet({"real": ramp(8)}, {"real": ramp(108)[100:]})
    assert two.shape[0] > 2 * 128 and two.shape[1] == one.shape[1]
    assert cells(two, 205) == (128, 128)
    longer = contact_sheet({"a much longer label": ramp(8)})
    assert longer.shape[1] > one.shape[1] + 50
    left = one[:, : one.shape[1] - 8 * 134]
    assert left[22:].max() > 200  # ink of the label, left of the first frame


def test_times_follow_fps():
    slow, fast = (contact_sheet({"real": ramp(8)}, fps=fps) for fps in (5, 25))
    assert (slow[:22] != fast[:22]).any()
    np.testing.assert_array_equal(slow[22:], fast[22:])


def test_refuses_what_cannot_be_drawn():
    with pytest.raises(ValueError, match="at least one row"):
        contact_sheet()
    with pytest.raises(ValueError, match="at least one row"):
        contact_sheet({})
    with pytest.raises(ValueError, match=r"need one length, got \[4, 8\] frames"):
        contact_sheet({"real": ramp(8), "generated": ramp(4)})
    with pytest.raises(ValueError, match=r'Row "real" needs uint8 .* got float64 \[8, 32, 32, 3\]'):
        contact_sheet({"real": ramp(8) / 255})
