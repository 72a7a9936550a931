import io
import os

import av
import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.data.building.shots import Shot
from ssagan_jax.data.sets import video_folder


def write_video(path, frames, *, width=64, height=32):
    """Frames get brighter one by one; the left half is red."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for value in range(frames):
            pixels = np.full((height, width, 3), 60 + 2 * value, np.uint8)
            pixels[:, : width // 2] = (200, 0, 0)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def write_frames(folder, values, *, width=40, height=20, suffix="png"):
    folder.mkdir(parents=True)
    for number, value in enumerate(values):
        Image.new("RGB", (width, height), (value,) * 3).save(folder / f"{number}.{suffix}")


@pytest.fixture
def mixed(tmp_path, html):
    root = tmp_path / "videos"
    write_video(root / "one.mp4", 70)
    write_video(root / "deep" / "two.mov", 20)
    write_frames(root / "three", range(100, 112))
    (root / "three" / "99.png").write_bytes(html)
    (root / "broken.mp4").write_bytes(b"nothing")
    (root / "readme.txt").write_text("x")
    return root


def read_all(source, data_dir, **options):
    clips = {}
    for split in ("train", "test"):
        opened = data.source("video_folder", split=split, data_dir=str(data_dir), **options)
        for index in range(len(opened)):
            clips.setdefault(opened[index]["video"], []).append(opened[index]["clip"])
    return clips


def test_videos_and_folders_of_frames(mixed, tmp_path, values):
    scan = data.build("video_folder", source=str(mixed), data_dir=str(tmp_path))
    clips = read_all(mixed, tmp_path, size=16, frames=10)
    assert {video: len(found) for video, found in clips.items()} == {
        "one.mp4": 7,
        "deep/two.mov": 2,
        "three": 1,
    }
    # Natural order of the frames' names: 0, 1, 2, ..., 10, 11.
    assert values(clips["three"][0]) == list(range(100, 110))
    brightness = [clip[:, :, 12:].mean(axis=(1, 2, 3)) for clip in clips["one.mp4"]]
    np.testing.assert_allclose(np.concatenate(brightness), 60 + 2 * np.arange(70), atol=4)
    red = clips["one.mp4"][0][0, 8, 2]
    assert red[0] > 180
    assert red[1:].max() < 40
    reasons = {item.path: item.reason for item in scan.left_out}
    assert reasons[str(mixed / "three" / "99.png")].startswith("an HTML page")
    assert reasons[str(mixed / "broken.mp4")].startswith("cannot be read as a video")
    assert reasons[str(mixed / "readme.txt")] == "neither a video nor a frame"


def test_train_and_test_folders_are_the_splits(mixed, tmp_path):
    (mixed / "train").mkdir()
    (mixed / "test").mkdir()
    (mixed / "one.mp4").rename(mixed / "train" / "one.mp4")
    (mixed / "three").rename(mixed / "test" / "three")
    scan = data.verify("video_folder", source=str(mixed))
    assert scan.found["train"]["frames"] == 70
    assert scan.found["test"]["frames"] == 12
    reasons = {item.path: item.reason for item in scan.left_out}
    assert reasons[str(mixed / "deep" / "two.mov")] == "outside of the folders train and test"


def test_source_may_be_a_folder_of_frames(mixed):
    found = data.verify("video_folder", source=str(mixed / "three")).found
    assert sum(counts["frames"] for counts in found.values()) == 12


def test_seed_changes_the_split(tmp_path):
    for number in range(12):
        write_frames(tmp_path / str(number), [number, 2])
    splits = {
        tuple(shot.split for shot in video_folder.list_shots(str(tmp_path), seed=seed))
        for seed in range(4)
    }
    assert len(splits) > 1


def test_a_picture_over_the_pixel_limit_is_left_out_with_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)
    write_frames(tmp_path / "videos" / "one", range(10), width=20, height=10)
    Image.new("RGB", (40, 20)).save(tmp_path / "videos" / "one" / "huge.png")
    scan = data.verify("video_folder", source=str(tmp_path / "videos"))
    assert scan.found["train"]["frames"] == 10
    [left] = [item for item in scan.left_out if item.path.endswith("huge.png")]
    assert "unreadable: too many pixels: more than 600" in left.reason


def test_max_size_bounds_the_short_side(tmp_path):
    write_frames(tmp_path / "big", [10, 20], width=80, height=40)
    (shot,) = video_folder.list_shots(str(tmp_path), max_size=16, seed=0)
    frame = Image.open(io.BytesIO(next(shot.frames())))
    assert frame.size == (32, 16)
    (shot,) = video_folder.list_shots(str(tmp_path), max_size=256, seed=0)
    assert Image.open(io.BytesIO(next(shot.frames()))).size == (80, 40)


def test_small_jpeg_frames_are_stored_as_found(tmp_path):
    write_frames(tmp_path / "small", [10, 20], suffix="jpg")
    (shot,) = video_folder.list_shots(str(tmp_path), max_size=20, seed=0)
    originals = [(tmp_path / "small" / f"{i}.jpg").read_bytes() for i in range(2)]
    assert list(shot.frames()) == originals
    (shot,) = video_folder.list_shots(str(tmp_path), max_size=19, seed=0)
    assert list(shot.frames()) != originals


def test_phone_videos_are_turned_upright(tmp_path):
    path = tmp_path / "phone.mp4"
    write_video(path, 3)
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    quarter = np.array([0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30], ">i4").tobytes()
    content[matrix : matrix + 36] = quarter  # display turned clockwise
    path.write_bytes(content)
    (shot,) = video_folder.list_shots(str(tmp_path), max_size=64, seed=0)
    frame = np.asarray(Image.open(io.BytesIO(next(shot.frames()))))
    assert frame.shape[:2] == (64, 32)
    assert frame[:20, :, 0].mean() > 180  # the left half is now on top


def test_a_damaged_video_is_left_out_or_kept_in_part(tmp_path):
    path = tmp_path / "cut.webm"
    write_video(tmp_path / "whole.mkv", 60)
    content = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "whole.mkv").unlink()
    path.write_bytes(content[: len(content) * 2 // 3])
    scan = data.verify("video_folder", source=str(tmp_path))
    assert not scan.found
    assert scan.left_out[0].reason.startswith("is incomplete: ")
    scan = data.verify("video_folder", source=str(tmp_path), keep_damaged=True)
    frames = sum(counts["frames"] for counts in scan.found.values())
    assert 0 < frames < 60
    assert any("what is whole is kept" in item.reason for item in scan.skipped if item.kept)


def test_sound_without_pictures(tmp_path):
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    scan = data.verify("video_folder", source=str(tmp_path))
    assert scan.left_out[0].reason == "has no pictures"


def shots_of(folder, **options):
    items = video_folder.list_shots(str(folder), **options)
    shots = {item.id: item for item in items if isinstance(item, Shot)}
    return shots, {item.path: item.reason for item in items if isinstance(item, Skipped)}


def test_frames_of_a_camera_whose_counter_wrapped(tmp_path):
    write_frames(tmp_path / "dcim", [0])
    for number, value in zip((9998, 9999, 1, 2), (10, 20, 30, 40), strict=True):
        image = Image.new("RGB", (8, 8), (value,) * 3)
        image.save(tmp_path / "dcim" / f"DSC_{number:04d}.JPG", format="JPEG")
    (tmp_path / "dcim" / "0.png").unlink()
    shots, reasons = shots_of(tmp_path)
    frames = list(shots["dcim"].frames())
    assert [np.asarray(Image.open(io.BytesIO(data))).mean() for data in frames] == [10, 20, 30, 40]
    assert reasons[str(tmp_path / "dcim")].endswith("went past its end: begins with DSC_9998.JPG")


def test_names_that_are_no_unicode_stop_nothing(tmp_path):
    source = tmp_path / "in"
    write_frames(source / os.fsdecode(b"caf\xe9"), range(100, 108))
    write_frames(source / "other", range(8))
    scan = data.build("video_folder", source=str(source), data_dir=str(tmp_path))
    assert set(read_all(source, tmp_path, size=8, frames=8)) == {r"caf\xe9", "other"}
    assert r"caf\xe9: its name is not in UTF-8: called" in str(scan)


def test_one_video_only_is_said_with_what_to_do(tmp_path):
    write_frames(tmp_path / "only", [1, 2])
    scan = data.verify("video_folder", source=str(tmp_path))
    assert scan.found["train"]["videos"] == 1
    assert 'There is no split "test"' in str(scan) and "cut it into two files" in str(scan)


def test_nothing_to_read(tmp_path):
    with pytest.raises(ValueError, match=r"has no video\. Expected a folder with videos \(.mp4"):
        data.verify("video_folder", source=str(tmp_path))


def test_max_size_must_be_positive(tmp_path):
    with pytest.raises(ValueError, match="max_size is 0; expected a number of pixels"):
        data.verify("video_folder", source=str(tmp_path), max_size=0)
