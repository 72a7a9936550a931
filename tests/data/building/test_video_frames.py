import io

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.video_frames import VideoOptions, all_or_nothing, jpeg, video_frames
from tests.helpers import films


def read(path, **options):
    """Greys of the frames, and what is said."""
    items = list(video_frames(path, VideoOptions(**options)))
    frames = [Image.open(io.BytesIO(item)) for item in items if isinstance(item, bytes)]
    return [frame.getpixel((8, 8))[0] for frame in frames], [
        item for item in items if isinstance(item, Skipped)
    ]


def test_frames_and_what_the_video_is(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.grey(range(50, 90, 4)), rate=10)
    greys, said = read(path)
    np.testing.assert_allclose(greys, range(50, 90, 4), atol=1)
    assert said == [Skipped(str(path), "video: h264, 16 x 16, 10 frames/s, 1 s", kept=True)]
    assert len(read(path, fps=5)[0]) == 5


def test_notes_come_after_the_frames(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.grey([50, 60, 70]), times=[0, 40, 400])
    _, said = read(path)
    assert said[1].kept and said[1].reason.startswith("has frames 0.04 to 0.36 s apart, taken as")


def test_colours_are_those_of_the_reader(tmp_path):
    frame = films.yuv(films.BARS, matrix=1, width=80, height=720)
    path = films.write(tmp_path / "hd.mp4", [frame])
    data = next(video_frames(path, VideoOptions(max_size=720)))
    np.testing.assert_allclose(
        films.bars(np.asarray(Image.open(io.BytesIO(data)))), films.BARS, atol=3
    )


def test_of_half_a_video_there_is_nothing_or_what_is_whole(tmp_path):
    path = films.write(tmp_path / "a.mkv", films.grey(range(20, 220)))
    path.write_bytes(path.read_bytes()[:-300])
    greys, said = read(path)
    assert greys == [] and [item.kept for item in said] == [False]
    assert said[0].reason.startswith("is incomplete: ") and "--keep-damaged" in said[0].reason
    greys, said = read(path, keep_damaged=True)
    assert len(greys) > 50 and all(item.kept for item in said)


def test_hdr_is_left_out_with_the_option(tmp_path):
    frames = [films.yuv(films.BARS, matrix=9, pix_fmt="yuv420p10le")]
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": 16}.items()
    path = films.write(tmp_path / "a.mp4", frames, tags=tags)
    (said,) = video_frames(path, VideoOptions())
    assert said.reason.startswith("is HDR (PQ), ") and "--hdr=tonemap" in said.reason
    assert isinstance(next(video_frames(path, VideoOptions(hdr="tonemap"))), bytes)


def test_max_size_is_of_the_short_side():
    data = jpeg(np.zeros((20, 40, 3), np.uint8), 10)
    assert Image.open(io.BytesIO(data)).size == (20, 10)
    assert Image.open(io.BytesIO(jpeg(np.zeros((20, 40, 3), np.uint8), 30))).size == (40, 20)


def test_all_or_nothing():
    def fails():
        yield b"one"
        raise ValueError("damaged")

    assert list(all_or_nothing([b"one", b"", b"three"])) == [b"one", b"", b"three"]
    with pytest.raises(ValueError, match="damaged"):
        next(all_or_nothing(fails()))


@pytest.mark.parametrize("wrong", [{"hdr": "yes"}, {"fps": 0}])
def test_wrong_options_are_refused_before_anything_is_read(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"^{name} is "):
        VideoOptions(**wrong)
