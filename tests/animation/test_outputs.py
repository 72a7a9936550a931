"""Where clips go, and what is written beside them."""

import numpy as np
import pytest

from ssagan_jax.animation.outputs import Files, destinations, paths_of, write_clip
from ssagan_jax.animation.rendering import animate
from ssagan_jax.io import video_files
from tests.helpers.movers import mover, waves

FRAMES = 8
ALL = Files(gif=True, save_frames=True, save_mask=True)


@pytest.fixture
def clip():
    return animate(waves(48, 64), mover(frames=FRAMES))


def test_destinations(tmp_path):
    (tmp_path / "v1.mp4").mkdir()
    one = ["a/x.jpg"]
    assert destinations(one, "o.gif")[0].name == "o.gif"
    assert destinations(one, tmp_path / "v1.mp4") == [tmp_path / "v1.mp4" / "x.mp4"]
    assert str(destinations(one, "new.v1/")[0]) == "new.v1/x.mp4"
    three = ["a/x.jpg", "x-2.jpg", "b/x.png"]
    assert [path.name for path in destinations(three, "new")] == ["x.mp4", "x-2.mp4", "x-3.mp4"]
    with pytest.raises(ValueError, match=r"3 photos do not fit into o\.mp4, expected a folder"):
        destinations(three, "o.mp4")
    photo = tmp_path / "photo.gif"
    photo.touch()
    with pytest.raises(ValueError, match="is the photo itself"):
        destinations([photo], photo)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (Files(), ["a.mp4"]),
        (Files(save_mask=True), ["a.mp4", "a_mask.png"]),
        (ALL, ["a.mp4", "a.gif", "a_frames", "a_mask.png"]),
    ],
)
def test_what_is_written_is_what_is_told(clip, tmp_path, files, names):
    target = tmp_path / "out" / "a.mp4"
    write_clip(clip, target, files, small=True)
    assert [path.name for path in paths_of(target, files)] == names
    assert sorted(path.name for path in target.parent.iterdir()) == sorted(names)
    np.testing.assert_allclose(
        video_files.read_video(target).astype(int), np.stack(list(clip)).astype(int), atol=25
    )


def test_an_interrupted_clip_leaves_nothing_that_passes_for_done(clip, tmp_path, monkeypatch):
    def interrupted(frames, count, name):
        yield next(iter(frames))
        raise KeyboardInterrupt

    monkeypatch.setattr("ssagan_jax.animation.outputs.progress.shown", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_clip(clip, tmp_path / "out" / "a.mp4", ALL, small=True)
    assert list((tmp_path / "out").iterdir()) == []
