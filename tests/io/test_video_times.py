"""Time stamps, resampling and stretches of videos."""

import pytest

from ssagan_jax.io import video_reading
from tests.helpers import films


def test_time_stamps_are_used(tmp_path):
    times = [0, 40, 80, 120, 500, 540, 580]
    path = films.write(tmp_path / "a.mp4", films.grey(films.RAMP[:7]), times=times)
    found, notes = films.greys(path)
    assert found == films.RAMP[:7]
    assert notes == [
        "has frames 0.04 to 0.38 s apart, taken as equal steps unless it is resampled (--fps=N)."
    ]
    assert films.greys(path, fps=10)[0] == [20, 30, 35, 35, 35, 40, 50]  # 0, 0.1, ..., 0.6 s


@pytest.mark.parametrize(("fps", "step"), [(25, 1), (12.5, 2), (5, 5)])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_resampling_an_even_rate(tmp_path, suffix, fps, step):
    path = films.write(tmp_path / f"a.{suffix}", films.grey(films.RAMP))
    assert films.greys(path, fps=fps) == (films.RAMP[::step], [])


def test_resampling_to_a_higher_rate_repeats_frames(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.grey(films.RAMP[:3]))
    assert films.greys(path, fps=50)[0] == [20, 20, 25, 25, 30, 30]
    with pytest.raises(ValueError, match=r"fps is frames per second, above 0 .*, got 0\."):
        films.greys(path, fps=0)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_stretch_is_exact(tmp_path, suffix):
    options = {"qp": "0", "g": "10"}
    path = films.write(tmp_path / f"a.{suffix}", films.grey(films.RAMP), options=options)
    times = [frame.time for frame in video_reading.read_timed(path)] + [99.0]
    for first, last in ((0, 3), (7, 8), (19, 31), (25, 40)):
        found, _ = films.greys(path, start=times[first], end=times[last])
        assert found == films.RAMP[first:last]
