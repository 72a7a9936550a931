import io

import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data
from ssagan_jax.data.building.video_frames import VideoOptions
from ssagan_jax.data.footage import preparing
from ssagan_jax.data.footage.stretches import STILL, Steps
from tests.helpers import films, scenes

ALL = Steps(cuts=True, drop_frozen=True, crop_bars=True, still_camera=STILL)


@pytest.fixture(scope="module")
def parts():
    return [scenes.scene(seed, 40) for seed in (1, 11)]


@pytest.fixture
def film(tmp_path, parts):
    """A scene with bars, a freeze, another scene; by qp, since crf gives other bytes each time."""
    one, other = (part.copy() for part in parts)
    one[:, :10] = one[:, -10:] = 0
    frames = np.concatenate([one, one[-1:].repeat(12, 0), other])
    (tmp_path / "in").mkdir()
    return films.write(
        tmp_path / "in" / "film.mp4", scenes.pictures(frames), options={"qp": "12", "g": "25"}
    ), frames


def read(shot):
    return [np.asarray(Image.open(io.BytesIO(item))) for item in shot.frames()]


def test_each_kept_stretch_is_a_shot_of_the_same_video(film):
    path, frames = film
    footage = preparing.look_at_one(path, VideoOptions(), ALL)
    shots = preparing.shots_of(footage, video="film.mp4", split="train", options=VideoOptions())
    assert [(shot.id, shot.video, shot.split) for shot in shots] == [
        ("film.mp4@0:00.00", "film.mp4", "train"),
        ("film.mp4@0:02.08", "film.mp4", "train"),
    ]
    one, other = (read(shot) for shot in shots)
    assert 39 <= len(one) <= 40 and len(other) == 40
    assert one[0].shape == (66, 160, 3) and other[0].shape == (90, 160, 3)
    assert np.abs(one[3].astype(int) - frames[3, 12:78]).mean() < 8
    assert np.abs(other[0].astype(int) - frames[52]).mean() < 8
    assert np.abs(other[-1].astype(int) - frames[-1]).mean() < 8


@pytest.mark.parametrize("fps", [12.5, 10])
def test_stretches_of_a_resampled_video_are_its_frames(film, fps):
    path, _ = film
    options, whole = VideoOptions(fps=fps), []
    for frame in preparing._timed(path, options):
        whole.append(frame.rgb())
    footage = preparing.look_at_one(path, options, Steps(cuts=True))
    found = [
        frame
        for shot in preparing.shots_of(footage, video="a", split="train", options=options)
        for frame in read(shot)
    ]
    assert len(found) == len(whole) == round(92 / 25 * fps)
    for one, other in zip(found, whole, strict=True):
        assert np.abs(one.astype(int) - other).mean() < 4


def test_one_stretch_keeps_the_name_of_the_video(tmp_path, parts):
    path = films.write(tmp_path / "a.mp4", scenes.pictures(parts[0]))
    footage = preparing.look_at_one(path, VideoOptions(), ALL)
    (shot,) = preparing.shots_of(footage, video="a.mp4", split="test", options=VideoOptions())
    assert shot.id == "a.mp4" and len(read(shot)) == 40


def test_what_cannot_be_read_is_said(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    (footage,) = preparing.look_at([tmp_path / "a.mp4"], VideoOptions(), ALL)
    assert footage.stretches == [] and not footage.about
    assert footage.said[0].reason.startswith("cannot be read as a video")


def test_frames_that_are_not_equally_far_apart_are_said(tmp_path):
    times = [40 * n for n in range(8)] + [320 + 400 * n for n in range(8)]
    path = films.write(tmp_path / "a.mkv", films.grey(films.RAMP[:16]), times=times)
    said = {}
    for fps in (None, 25):
        (footage,) = preparing.look_at([path], VideoOptions(fps=fps), ALL)
        said[fps] = [one.reason for one in footage.said]
    assert any("has frames 0.04 to 0.4 s apart" in reason for reason in said[None])
    assert not any("apart" in reason for reason in said[25])


def test_verify_with_a_preview(film, tmp_path):
    path, _ = film
    page = tmp_path / "pages" / "preview.html"
    scan = data.verify("video_folder", source=str(path.parent), prepare=True, preview=str(page))
    assert scan.found["train"]["shots"] == 2 and scan.found["train"]["videos"] == 1
    reasons = [item.reason for item in scan.left_out]
    assert any(reason.startswith("frozen: 0:01.") for reason in reasons)
    assert any("black bars: cropped to 160 x 66" in item.reason for item in scan.skipped)
    text = page.read_text()
    assert "left out: frozen" in text and text.count("<img") >= 4
    assert str(path) in text


def test_a_preview_alone_shows_everything_as_kept(film, tmp_path):
    path, _ = film
    page = tmp_path / "preview.html"
    scan = data.verify("video_folder", source=str(path.parent), preview=str(page))
    assert scan.found["train"]["frames"] == 92
    assert "Footage: 92 of 92 frames are kept" in page.read_text()


def test_a_shaking_video_is_stored_as_it_is_held(tmp_path):
    clip = scenes.scene(3, 40, shake=2.5)
    path = films.write(tmp_path / "a.mp4", scenes.pictures(clip))
    steps = Steps(still_camera=STILL, stabilise=True)
    footage = preparing.look_at_one(path, VideoOptions(), steps)
    assert [item.reason for item in preparing.fates_of(footage)][1:] == [
        "shakes: held still, 0:00.00 to 0:01.60"
    ]
    (shot,) = preparing.shots_of(footage, video="a", split="train", options=VideoOptions())
    frames = np.stack(read(shot)).astype(float)
    assert len(frames) == 40 and 63 < frames.shape[1] < 90 and 112 < frames.shape[2] < 160
    assert frames[:, 50:].std(0).mean() < 0.4 * clip[:, 55:].astype(float).std(0).mean()
