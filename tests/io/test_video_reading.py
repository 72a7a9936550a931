"""Files as they are: half of them, uneven rates, HDR, fields, mirrors; healthy ones say nothing."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from ssagan_jax.io import video_reading
from tests.helpers import films

RAMP = list(range(20, 220, 5))  # 40 greys


def greys(path, **options):
    """Of each frame the grey, to the nearest 5, and the notes."""
    notes = []
    frames = list(video_reading.read_frames(path, note=notes.append, **options))
    return [5 * round(frame[8, 8, 0] / 5) for frame in frames], [
        n.removeprefix(f"{path} ") for n in notes
    ]


def noisy(count, size=64):
    """Frames that need bytes."""
    draw = np.random.default_rng(0)
    pictures = draw.integers(0, 256, (count, size, size, 3), np.uint8)
    return [av.VideoFrame.from_ndarray(p, "rgb24").reformat(format="yuv420p") for p in pictures]


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "webm", "ts"])
@pytest.mark.parametrize("count", [1, 40])
def test_healthy_files_are_read_without_a_word(tmp_path, suffix, count):
    codec, options = ("libvpx", {"crf": "4", "b": "1M"}) if suffix == "webm" else ("libx264", None)
    path = films.write(
        tmp_path / f"a.{suffix}", films.grey(RAMP[:count]), codec=codec, options=options
    )
    found, notes = greys(path)
    np.testing.assert_allclose(found, RAMP[:count], atol=5)
    assert notes == []


@pytest.mark.parametrize("rate", [(24000, 1001), (30, 1), (60, 1)])
def test_rounded_time_stamps_are_no_uneven_rate(tmp_path, rate):
    times = [round(1000 * n * rate[1] / rate[0]) for n in range(40)]
    path = films.write(tmp_path / "a.mkv", films.grey(RAMP), times=times)
    assert greys(path) == (RAMP, [])


def test_half_a_download_is_an_error_with_counts(tmp_path):
    path = films.write(
        tmp_path / "b.mp4",
        noisy(20),
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


def test_damage_in_the_middle_is_an_error(tmp_path):
    path = films.write(tmp_path / "a.mkv", noisy(20), options={"qp": "20", "g": "1"})
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    start, size = places[12]
    data[start + size // 3 : start + size] = bytes(size - size // 3)
    path.write_bytes(data)
    read = []
    with pytest.raises(ValueError, match=r"a\.mkv is damaged after 1\d frames"):
        read.extend(video_reading.read_frames(path))
    assert 8 <= len(read) <= 13
    notes = []
    kept = list(video_reading.read_frames(path, keep_damaged=True, note=notes.append))
    assert len(kept) >= len(read) and "the frames before are kept" in notes[0]


def test_time_stamps_are_used(tmp_path):
    times = [0, 40, 80, 120, 500, 540, 580]
    path = films.write(tmp_path / "a.mp4", films.grey(RAMP[:7]), times=times)
    found, notes = greys(path)
    assert found == RAMP[:7]
    assert notes == [
        "has frames 0.04 to 0.38 s apart, taken as equal steps unless it is resampled (--fps=N)."
    ]
    assert greys(path, fps=10)[0] == [20, 30, 35, 35, 35, 40, 50]  # 0, 0.1, ..., 0.6 s


@pytest.mark.parametrize(("fps", "step"), [(25, 1), (12.5, 2), (5, 5)])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_resampling_an_even_rate(tmp_path, suffix, fps, step):
    path = films.write(tmp_path / f"a.{suffix}", films.grey(RAMP))
    assert greys(path, fps=fps) == (RAMP[::step], [])


def test_resampling_to_a_higher_rate_repeats_frames(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.grey(RAMP[:3]))
    assert greys(path, fps=50)[0] == [20, 20, 25, 25, 30, 30]
    with pytest.raises(ValueError, match=r"fps is frames per second, above 0 .*, got 0\."):
        greys(path, fps=0)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_stretch_is_exact(tmp_path, suffix):
    options = {"qp": "0", "g": "10"}
    path = films.write(tmp_path / f"a.{suffix}", films.grey(RAMP), options=options)
    times = [frame.time for frame in video_reading.read_timed(path)] + [99.0]
    for first, last in ((0, 3), (7, 8), (19, 31), (25, 40)):
        found, _ = greys(path, start=times[first], end=times[last])
        assert found == RAMP[first:last]


def test_hdr_is_refused_mapped_or_taken_as_it_is(tmp_path):
    frame = films.yuv(films.BARS, matrix=9, pix_fmt="yuv420p10le")
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": 16, "color_range": 1}.items()
    path = films.write(tmp_path / "a.mp4", [frame], tags=tags)
    with pytest.raises(ValueError, match=r"a\.mp4 is HDR \(PQ\), .*--hdr=tonemap .*--hdr=as_is"):
        greys(path)
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
        greys(path, hdr="yes")


def test_fields_are_joined(tmp_path):
    """A bar that moves from field to field: each frame is a comb until it is deinterlaced."""
    frames = []
    for number in range(6):
        picture = np.full((64, 64), 30, np.uint8)
        for field in (0, 1):
            left = 6 * number + 3 * field
            picture[field::2, left : left + 12] = 220
        frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format="yuv420p")
        frames.append(frame)
    path = films.write(tmp_path / "a.mkv", frames, options={"qp": "1", "x264opts": "tff=1"})
    notes = []
    read = list(video_reading.read_frames(path, note=notes.append))
    assert len(read) == 6 and "is interlaced: its fields are joined" in notes[0]
    combed = [np.abs(np.diff(frame[8:56, :, 0].astype(int), axis=0)).mean() for frame in read]
    raw = [
        np.abs(np.diff(f.to_ndarray(format="gray")[8:56].astype(int), axis=0)).mean()
        for f in frames
    ]
    assert np.mean(combed[1:-1]) < np.mean(raw) / 4


def test_pixels_that_are_not_square_are_noted(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.grey(RAMP[:2]), ratio=Fraction(16, 15))
    assert greys(path)[1] == [
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
    path = films.write(tmp_path / "a.mp4", films.grey(RAMP), rate=10)
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
