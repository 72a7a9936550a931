import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from ssagan_jax.data import winds
from tests.helpers.flips import flip_bit

RNG = np.random.default_rng(0)


def clouds(size=96):
    """A picture with detail of every size, which repeats at its borders."""
    noise = RNG.standard_normal((size, size, 3))
    soft = sum(s * ndimage.gaussian_filter(noise, (s, s, 0), mode="wrap") for s in (2, 4, 8))
    soft = (soft - soft.min()) / np.ptp(soft)
    return (255 * soft).astype(np.float32)


def shifted(picture, x, y):
    """The picture carried to the right and down by pixels, which may be halves."""
    moved = ndimage.shift(picture, (y, x, 0), order=3, mode="grid-wrap")
    return Image.fromarray(np.clip(moved, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("right, down", [(1.0, 0.0), (-0.6, 1.2), (0.0, -2.0), (0.5, 0.5)])
def test_a_clip_shifted_by_a_vector_has_that_wind(right, down):
    picture = clouds(winds.SIDE)
    found = winds.measure(shifted(picture, t * right, t * down) for t in range(9))
    assert found.shape == (8, 2)
    expected = np.array([right, down]) / winds.SIDE
    assert np.hypot(*(found.mean(0) - expected)) < 0.05 * np.hypot(*expected)


def test_only_what_moves_counts():
    """A strip of the picture moves, the rest stands still."""
    picture = clouds(winds.SIDE)

    def frame(t):
        still = picture.astype(np.uint8).copy()
        still[:24] = np.asarray(shifted(picture, 1.5 * t, 0))[:24]
        return Image.fromarray(still)

    found = winds.measure(map(frame, range(9))).mean(0)
    np.testing.assert_allclose(found, [1.5 / winds.SIDE, 0.0], atol=0.15 * 1.5 / winds.SIDE)


def test_frames_of_any_size_are_measured_in_shares():
    small, large = clouds(96), None
    large = np.kron(small, np.ones((3, 2, 1)))  # 288 high, 192 wide
    one = winds.measure(shifted(small, 1.5 * t, 0) for t in range(5))
    other = winds.measure(
        Image.fromarray(
            np.kron(np.asarray(shifted(small, 1.5 * t, 0)), np.ones((3, 2, 1), np.uint8))
        )
        for t in range(5)
    )
    assert large.shape == (288, 192, 3)
    np.testing.assert_allclose(one.mean(0), other.mean(0), atol=0.1 * 1.5 / 96)


def test_a_shot_of_one_frame_has_no_winds():
    assert winds.measure([shifted(clouds(), 0, 0)]).shape == (0, 2)


def test_the_wind_of_a_window_is_per_frame_of_the_clip():
    shot = np.stack([np.arange(10.0), np.zeros(10)], -1).astype(np.float32)  # it freshens
    one = winds.of_window(shot, start=2, frames=4, frame_step=1)
    np.testing.assert_allclose(one, [3.0, 0.0])  # of the pairs 2, 3, 4
    two = winds.of_window(shot, start=2, frames=4, frame_step=2)
    np.testing.assert_allclose(two, [2 * 4.5, 0.0])  # of the pairs 2 to 7, two in each step


def test_winds_are_measured_once(tmp_path):
    path, reads = tmp_path / "winds.npy", []

    def shots():
        for count in (3, 5):
            reads.append(count)
            yield (shifted(clouds(64), t, 0) for t in range(count))

    first = winds.stored([path], shots(), [3, 5])
    second = winds.stored([path], shots(), [3, 5])
    assert reads == [3, 5] and [len(w) for w in second] == [2, 4]
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(second))


def test_damaged_winds_are_found_and_those_of_earlier_versions_read(tmp_path):
    path = tmp_path / "winds.npy"
    winds.stored([path], iter([(shifted(clouds(64), t, 0) for t in range(3))]), [3])
    whole = path.read_bytes()
    for bit in range(0, 8 * len(whole), 11):
        flip_bit(path, bit)
        with pytest.raises(ValueError, match=r"winds\.npy is damaged\. Delete it"):
            winds.stored([path], iter([]), [3])
        path.write_bytes(whole)
    path.write_bytes(whole[:-32])
    assert winds.stored([path], iter([]), [3])[0].shape == (2, 2)
    path.write_bytes(whole[:-40])
    with pytest.raises(ValueError, match=r"winds\.npy is damaged"):
        winds.stored([path], iter([]), [3])


def test_winds_of_other_shots_are_refused(tmp_path):
    path = tmp_path / "winds.npy"
    np.save(path, np.zeros((4, 2), np.float32))
    with pytest.raises(ValueError, match=r"winds.npy does not belong .* expected float32 \[6, 2\]"):
        winds.stored([path], iter([]), [3, 5])


def test_where_they_cannot_be_kept_they_are_kept_elsewhere_or_used_all_the_same(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    blocked, other = tmp_path / "file" / "winds.npy", tmp_path / "mine" / "winds.npy"

    def shots():
        yield (shifted(clouds(64), t, 0) for t in range(3))

    assert winds.stored([blocked], shots(), [3])[0].shape == (2, 2)
    assert "measured anew at each start: Cannot write" in capsys.readouterr().err
    found = winds.stored([blocked, other], shots(), [3])
    assert f"note: the winds are kept in {other}: Cannot write" in capsys.readouterr().err
    np.testing.assert_array_equal(winds.stored([blocked, other], iter([]), [3]), found)


def test_the_mean_of_what_is_fast_leaves_out_what_is_slow():
    field = np.zeros((10, 10, 2), np.float32)
    field[:3] = [2.0, -1.0]
    field[3] = [0.2, 0.0]
    np.testing.assert_allclose(winds.mean_of_fast(field), [2.0, -1.0])
    np.testing.assert_array_equal(winds.mean_of_fast(np.zeros((4, 4, 2), np.float32)), 0.0)
