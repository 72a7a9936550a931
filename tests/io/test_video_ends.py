import pytest

from ssagan_jax.io import video_files, video_reading
from ssagan_jax.io.video_ends import missing_end
from tests.helpers import films


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm", "avi", "gif"])
@pytest.mark.parametrize("frames", [1, 30])
def test_half_a_file_is_told_from_a_whole_one(tmp_path, suffix, frames):
    path = tmp_path / f"clip.{suffix}"
    if suffix == "gif":
        video_files.write_video(
            path, [frame.to_ndarray(format="rgb24") for frame in films.grey(range(frames))]
        )
    else:
        codec = "libvpx" if suffix == "webm" else "libx264"
        films.write(path, films.grey(range(0, 5 * frames, 5)), codec=codec)
    assert missing_end(path) is None
    data = path.read_bytes()
    for share in (0.5, 0.9, 0.99):
        path.write_bytes(data[: int(share * len(data))])
        assert missing_end(path).startswith("is incomplete: ")


def test_what_was_written_to_a_pipe_is_walked_through(tmp_path):
    """Segments and clusters of unknown size, as browsers and live recorders write them."""
    path = tmp_path / "live.mkv"
    films.write(path, films.grey(range(20)), container_options={"live": "1"})
    data = path.read_bytes()
    assert missing_end(path) is None
    path.write_bytes(data[:-5])
    assert missing_end(path).startswith("is incomplete: it has ")


@pytest.mark.parametrize("flags", ["frag_keyframe+empty_moov", "faststart"])
def test_other_kinds_of_mp4(tmp_path, flags):
    path = tmp_path / "clip.mp4"
    films.write(
        path,
        films.grey(range(20)),
        options={"qp": "0", "g": "5"},
        container_options={"movflags": flags},
    )
    assert missing_end(path) is None
    assert len(video_reading.read_video(path)) == 20
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    assert missing_end(path).startswith("is incomplete: it has ")


def test_what_does_not_say_how_long_it_is(tmp_path):
    path = films.write(tmp_path / "clip.ts", films.grey(range(20)))
    path.write_bytes(path.read_bytes()[:-200])
    assert missing_end(path) is None
    path.write_bytes(b"")
    assert missing_end(path) is None
