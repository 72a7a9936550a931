"""Files as they are: half of them, uneven rates, HDR, fields, mirrors; healthy ones say nothing."""

import struct
from fractions import Fraction

import numpy as np
import pytest

from ssagan_jax.io import video_reading
from tests.helpers import films


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "webm", "ts"])
@pytest.mark.parametrize("count", [1, 40])
def test_healthy_files_are_read_without_a_word(tmp_path, suffix, count):
    codec, options = ("libvpx", {"crf": "4", "b": "1M"}) if suffix == "webm" else ("libx264", None)
    path = films.write(
        tmp_path / f"a.{suffix}", films.grey(films.RAMP[:count]), codec=codec, options=options
    )
    found, notes = films.greys(path)
    np.testing.assert_allclose(found, films.RAMP[:count], atol=5)
    assert notes == []


@pytest.mark.parametrize("rate", [(24000, 1001), (30, 1), (60, 1)])
def test_rounded_time_stamps_are_no_uneven_rate(tmp_path, rate):
    times = [round(1000 * n * rate[1] / rate[0]) for n in range(40)]
    path = films.write(tmp_path / "a.mkv", films.grey(films.RAMP), times=times)
    assert films.greys(path) == (films.RAMP, [])


def test_half_a_download_is_an_error_with_counts(tmp_path):
    path = films.write(
        tmp_path / "b.mp4",
        films.noisy(20),
        options={"qp": "20", "bf": "0"},
        container_options={"movflags": "faststart"},  # the index first
    )
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    with pytest.raises(
        ValueError, match=r"b\.mp4 is incomplete: 11 of 20 frames are whole; --keep-damaged takes"
    ):
        next(video_reading.read_frames(tmp_path / "b.mp4"))
    notes = []
    kept = list(video_reading.read_frames(tmp_path / "b.mp4", keep_damaged=True, note=notes.append))
    assert 9 <= len(kept) <= 11
    assert "incomplete: 11 of 20 frames are whole: what is whole is kept" in notes[0]


def test_hdr_is_refused_mapped_or_taken_as_it_is(tmp_path):
    frame = films.yuv(films.BARS, matrix=9, pix_fmt="yuv420p10le")
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": 16, "color_range": 1}.items()
    path = films.write(tmp_path / "a.mp4", [frame], tags=tags)
    with pytest.raises(ValueError, match=r"a\.mp4 is HDR \(PQ\), .*--hdr=tonemap .*--hdr=as_is"):
        films.greys(path)
    notes = []
    (raw,) = video_reading.read_frames(path, hdr="as_is", note=notes.append)
    np.testing.assert_allclose(films.bars(raw), films.BARS, atol=2)
    (mapped,) = video_reading.read_frames(path, hdr="tonemap", note=notes.append)
    grey = films.bars(mapped)[3]
    assert grey[0] == grey[1] == grey[2] and 170 < grey[0] < 200
    assert [note.split(" is HDR (PQ): ")[1] for note in notes] == [
        "taken as it is, too dark and too pale.",
        "mapped to SDR.",
    ]
    with pytest.raises(ValueError, match=r'hdr is one of refuse, tonemap, as_is, got "yes"'):
        films.greys(path, hdr="yes")


def test_pixels_that_are_not_square_are_noted(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.grey(films.RAMP[:2]), ratio=Fraction(16, 15))
    assert films.greys(path)[1] == [
        "has pixels that are not square (16/15): they are taken as if they were."
    ]


def test_a_mirrored_video_is_read_as_it_is_shown(tmp_path):
    path = films.write(tmp_path / "a.mp4", [films.yuv(films.BARS)])
    one, ends = 1 << 16, 1 << 30
    plain = struct.pack(">9i", one, 0, 0, 0, one, 0, 0, 0, ends)
    turned = struct.pack(">9i", -one, 0, 0, 0, one, 0, 64 * one, 0, ends)
    start, _, rest = path.read_bytes().rpartition(plain)  # the last one is the track's
    path.write_bytes(start + turned + rest)
    (frame,) = video_reading.read_video(path)
    np.testing.assert_allclose(films.bars(frame), films.BARS[::-1], atol=2)


def test_describe(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.grey(films.RAMP), rate=10)
    assert video_reading.describe(path) == "h264, 16 x 16, 10 frames/s, 4 s"
    (tmp_path / "b.mp4").write_text("no video")
    with pytest.raises(
        ValueError, match=r"b\.mp4 cannot be read as a video, expected one of \.mp4"
    ):
        video_reading.describe(tmp_path / "b.mp4")


def test_refuses_changing_sizes_and_no_frames(monkeypatch):
    frames = [np.zeros((size, size, 3), np.uint8) for size in (8, 16)]
    monkeypatch.setattr(video_reading, "read_frames", lambda path: iter(frames))
    with pytest.raises(ValueError, match="frames of several sizes"):
        video_reading.read_video("clip.mp4")
    frames.clear()
    with pytest.raises(ValueError, match="no frames"):
        video_reading.read_video("clip.mp4")
