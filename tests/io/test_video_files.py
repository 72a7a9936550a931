"""What players and browsers need of the files, and that a failed write harms nothing."""

import contextlib
import resource
import struct
import weakref
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from ssagan_jax.io import video_files


def clouds(frames=12, height=66, width=94):
    """A smooth, colourful clip that drifts to the left."""
    y, x = np.mgrid[:height, :width]
    drift = [np.sin((x + 3 * t) / 20) for t in range(frames)]
    rgb = [np.stack([90 + 60 * s + 0.5 * y, 120 + 40 * s, 190 + 30 * s - y], -1) for s in drift]
    return np.stack(rgb).clip(0, 255).astype(np.uint8)


def test_mp4_is_what_browsers_play(tmp_path):
    path = video_files.write_video(tmp_path / "new" / "clip.mp4", clouds(), fps=25)
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (1, 1)
        assert (stream.codec_context.color_primaries, stream.codec_context.color_trc) == (1, 1)
        assert (stream.frames, stream.average_rate) == (12, 25)
        assert stream.duration * stream.time_base == Fraction(12, 25)
    assert data.find(b"colrnclx\0\1\0\1\0\1\0") > 0  # BT.709, limited range


def test_mp4_keeps_colours(tmp_path):
    clip = clouds()
    read = video_files.read_video(video_files.write_video(tmp_path / "clip.mp4", clip))
    difference = read.astype(int) - clip
    assert np.abs(difference).mean() < 1.5 and np.abs(difference).max() <= 12
    np.testing.assert_allclose(difference.mean((0, 1, 2)), 0, atol=0.6)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_mp4_keeps_black_and_white(tmp_path, grey):
    clip = np.full((2, 16, 16, 3), grey, np.uint8)
    read = video_files.read_video(video_files.write_video(tmp_path / "clip.mp4", clip))
    np.testing.assert_allclose(read, clip, atol=1)


def test_fps_is_used(tmp_path):
    for suffix in (".mp4", ".gif"):
        path = video_files.write_video(tmp_path / f"clip{suffix}", clouds(10), fps=10)
        with av.open(str(path)) as container:
            assert container.duration == 1_000_000  # microseconds


def test_gif_loops_and_has_every_frame(tmp_path):
    still = np.repeat(clouds(1, 33, 47), 8, axis=0)  # equal frames must not be merged
    for clip in (clouds(8, 33, 47), still):
        path = video_files.write_video(tmp_path / "clip.gif", clip, fps=25)
        with Image.open(path) as image:
            assert (image.n_frames, image.size) == (8, (47, 33))
            assert (image.info["loop"], image.info["duration"]) == (0, 40)  # 0: for ever; ms
        read = video_files.read_video(path)
        assert read.shape == clip.shape
        assert np.abs(read.astype(int) - clip).mean() < 3


def test_write_goes_by_suffix(tmp_path):
    assert video_files.write_video(tmp_path / "A.MP4", clouds(2)).read_bytes()[4:8] == b"ftyp"
    assert video_files.write_video(tmp_path / "b.gif", clouds(2)).read_bytes()[:3] == b"GIF"
    with pytest.raises(ValueError, match=r'unknown suffix "\.avi"\. Known: \.mp4, \.gif\.'):
        video_files.write_video(tmp_path / "c.avi", clouds(2))


@pytest.mark.parametrize("suffix", [".mov", ".webm"])
def test_reads_other_containers(tmp_path, suffix):
    path = tmp_path / f"clip{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx-vp9" if suffix == ".webm" else "libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 66, 94, "yuv420p"
        for rgb in clouds(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())
    read = video_files.read_video(path)
    assert read.shape == (3, 66, 94, 3)
    assert np.abs(read.astype(int) - clouds(3)).mean() < 6
    assert suffix in video_files.VIDEO_SUFFIXES


def test_videos_filmed_sideways_are_read_upright(tmp_path):
    clip = clouds(2)
    path = video_files.write_video(tmp_path / "phone.mp4", clip)
    one, ends = 1 << 16, 1 << 30  # fixed point; the matrix says "turn 90 degrees clockwise"
    plain = struct.pack(">9i", one, 0, 0, 0, one, 0, 0, 0, ends)
    turned = struct.pack(">9i", 0, one, 0, -one, 0, 0, 66 * one, 0, ends)
    track = path.read_bytes().rpartition(plain)  # the last one is the track's
    path.write_bytes(track[0] + turned + track[2])
    read = video_files.read_video(path)
    assert read.shape == (2, 94, 66, 3)
    assert np.abs(read.astype(int) - np.rot90(clip, -1, axes=(1, 2))).mean() < 1.5


def test_refuses_wrong_clips_and_rates(tmp_path):
    path = tmp_path / "clip.mp4"
    with pytest.raises(ValueError, match=r"even height and width, got 33 x 94"):
        video_files.write_video(path, clouds(2)[:, :33])
    with pytest.raises(ValueError, match=r"uint8 \[T, H, W, 3\].* got float32 \[66, 94, 3\]"):
        video_files.write_video(path, clouds(2).astype(np.float32))
    with pytest.raises(ValueError, match=r"not empty, got no frames"):
        video_files.write_video(tmp_path / "clip.gif", clouds(2)[:0])
    for fps in (0, 4e-4, 1e10, float("nan")):
        with pytest.raises(ValueError, match=r"fps is frames per second, from 0\.1 to 1000, got"):
            video_files.write_video(path, clouds(2), fps=fps)
    with pytest.raises(ValueError, match="GIF plays at most 50 frames per second, got 60"):
        video_files.write_video(tmp_path / "clip.gif", clouds(2), fps=60)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_frames_are_encoded_as_they_come(tmp_path, suffix):
    alive = []

    def frames():
        for frame in clouds(30):
            fresh = frame.copy()
            alive.append(weakref.ref(fresh))
            yield fresh
            del fresh
            assert sum(reference() is not None for reference in alive) <= 2

    path = video_files.write_video(tmp_path / f"clip{suffix}", frames(), fps=25)
    assert len(video_files.read_video(path)) == 30
    with pytest.raises(ValueError, match="not empty, got no frames"):
        video_files.write_video(path, iter(()))
    assert len(video_files.read_video(path)) == 30  # the old one


def test_frames_of_a_writer_have_one_size(tmp_path):
    with (
        pytest.raises(ValueError, match=r"one size, got \[66, 94\] and then \[64, 94\]"),
        video_files.writer(tmp_path / "clip.mp4") as add,
    ):
        add(clouds(1)[0])
        add(clouds(1)[0, :64])
    assert list(tmp_path.iterdir()) == []


def test_check_output_raises_early(tmp_path):
    video_files.check_output(tmp_path / "new" / "clip.gif", fps=50)
    assert list((tmp_path / "new").iterdir()) == []
    with pytest.raises(ValueError, match="unknown suffix"):
        video_files.check_output(tmp_path / "clip.avi")
    with pytest.raises(ValueError, match="GIF plays at most 50"):
        video_files.check_output(tmp_path / "clip.gif", fps=51)
    with pytest.raises(OSError, match="is a folder"):
        (tmp_path / "clip.mp4").mkdir()
        video_files.check_output(tmp_path / "clip.mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_full_disk_leaves_the_old_file(tmp_path, suffix):
    path = video_files.write_video(tmp_path / f"clip{suffix}", clouds(4))
    old = path.read_bytes()
    noise = np.random.default_rng(0).integers(0, 255, (8, 64, 64, 3), np.uint8)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # no file may grow past 4 KiB
    try:
        with pytest.raises(OSError, match=rf"Cannot write .*clip{suffix}: .*Check permissions"):
            video_files.write_video(path, noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == old and list(tmp_path.iterdir()) == [path]


def test_a_crash_leaves_the_old_file(tmp_path, monkeypatch):
    @contextlib.contextmanager
    def crash(path, size, rate):
        path.write_bytes(b"half a video")
        raise RuntimeError("encoder")
        yield

    path = video_files.write_video(tmp_path / "clip.mp4", clouds(4))
    old = path.read_bytes()
    monkeypatch.setitem(video_files._ENCODERS, ".mp4", crash)
    with pytest.raises(RuntimeError, match="encoder"):
        video_files.write_video(path, clouds(4))
    assert path.read_bytes() == old and list(tmp_path.iterdir()) == [path]


def test_refuses_what_is_not_a_video(tmp_path):
    (tmp_path / "notes.mp4").write_text("not a video")
    with pytest.raises(
        ValueError, match=r"notes\.mp4 cannot be read as a video, expected one of \.mp4, \.mov"
    ):
        video_files.read_video(tmp_path / "notes.mp4")
    with pytest.raises(ValueError, match="as a video"):
        video_files.read_video(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"No video at .*missing\.mp4"):
        video_files.read_video(tmp_path / "missing.mp4")


def test_refuses_sound_without_pictures(tmp_path):
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        sound.sample_rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(ValueError, match="has no pictures"):
        video_files.read_video(tmp_path / "sound.mp4")
