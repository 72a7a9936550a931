"""From photo files to video files, with a model that brightens the photo as time goes on."""

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation import files as animation_files
from ssagan_jax.animation.files import animate_files
from ssagan_jax.animation.options import Options
from ssagan_jax.animation.outputs import Files
from ssagan_jax.io import photo_files, video_files
from tests.helpers.movers import blower, mover

FRAMES = 8


def brighten(photos, seed, words):
    first = np.asarray(photos).astype(int)[:, None]
    step = 6 + int(seed) % 7
    return (first + step * np.arange(FRAMES)[:, None, None, None]).clip(0, 255).astype(np.uint8)


@pytest.fixture
def model(monkeypatch):
    """Puts a stub where models are loaded; the paths that were asked for."""
    asked = []

    def load_animator(path):
        asked.append(path)
        return mover(frames=FRAMES, run=brighten)

    monkeypatch.setattr(animation_files, "load_animator", load_animator)
    return asked


def sky(height=48, width=64, level=100):
    photo = np.full((height, width, 3), level, np.uint8)
    photo[: height // 2, :, 2] += 60
    return photo


def save(path, photo=None):
    Image.fromarray(sky() if photo is None else photo).save(path, quality=95)
    return path


@pytest.mark.parametrize("name", ["out.mp4", "new/out.gif"])
def test_animate_one_file(model, tmp_path, name):
    photo = save(tmp_path / "photo.jpg")
    paths = animate_files([photo], tmp_path / name, path="run", files=Files(fps=10))
    assert paths == [tmp_path / name]
    clip = video_files.read_video(paths[0])
    assert clip.shape == (FRAMES, 48, 64, 3)
    assert clip[-1].mean() > clip[0].mean() + 30


def test_animate_turns_phone_photos_upright(model, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(sky()).save(tmp_path / "phone.jpg", exif=exif)
    paths = animate_files([tmp_path / "phone.jpg"], tmp_path / "out.mp4", path="run")
    assert video_files.read_video(paths[0]).shape == (FRAMES, 64, 48, 3)


def test_animate_a_folder_with_distinct_names(model, tmp_path):
    photos = [tmp_path / "a" / "sky.jpg", tmp_path / "b" / "Sky.png", tmp_path / "sea.webp"]
    for photo in photos:
        photo.parent.mkdir(exist_ok=True)
        save(photo)
    paths = animate_files(photos, tmp_path / "out", path="run")
    assert paths == [tmp_path / "out" / name for name in ("sky.mp4", "Sky-2.mp4", "sea.mp4")]
    assert all(path.is_file() for path in paths)


def test_unreadable_photos_do_not_stop_the_others(model, tmp_path, capsys):
    (tmp_path / "bad.jpg").write_text("no")
    photos = [tmp_path / "bad.jpg", save(tmp_path / "good.jpg"), tmp_path / "missing.jpg"]
    written = []
    with pytest.raises(
        ValueError, match=r"(?s)2 of 3 photos could not be animated.*bad\.jpg.*missing\.jpg"
    ):
        animate_files(photos, tmp_path / "out", path="run", done=written.append)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.mp4"]
    assert written == [tmp_path / "out" / "good.mp4"]
    assert "bad.jpg" in capsys.readouterr().err


def test_output_is_checked_before_the_model_is_loaded(model, tmp_path):
    photo = save(tmp_path / "photo.jpg")
    with pytest.raises(OSError, match=r"Cannot write .*photo\.jpg/out\.mp4"):
        animate_files([photo], photo / "out.mp4", path="run")
    with pytest.raises(ValueError, match=r'unknown suffix "\.avi"\. Known: \.mp4, \.gif'):
        animate_files([photo], tmp_path / "out.avi", path="run")
    with pytest.raises(ValueError, match="GIF plays at most 50"):
        animate_files([photo], tmp_path / "out.gif", path="run", files=Files(fps=100))
    with pytest.raises(FileNotFoundError, match="No photo at"):
        animate_files([tmp_path / "none.jpg"], tmp_path / "out.mp4", path="run")
    assert model == []


def test_a_folder_of_photos(model, tmp_path):
    photos = tmp_path / "photos"
    (photos / "deeper").mkdir(parents=True)
    for name in ("b.jpg", "a.PNG", ".hidden.jpg", "deeper/c.jpg"):
        save(photos / name)
    (photos / "notes.txt").write_text("")
    paths = animate_files([photos], tmp_path / "out", path="run")
    assert [path.name for path in paths] == ["a.mp4", "b.mp4"]
    assert model == ["run"]  # loaded once
    with pytest.raises(ValueError, match=r"No photos in .*, expected files ending in \.jpg"):
        animate_files([tmp_path / "out"], tmp_path / "out2")
    with pytest.raises(ValueError, match="No photos to animate"):
        animate_files([], tmp_path / "out")


def test_photos_that_do_not_fit_are_told_by_name(model, tmp_path, capsys):
    photos = [save(tmp_path / "small.png", sky(20, 64)), save(tmp_path / "good.png")]
    with pytest.raises(ValueError, match=r"(?s)1 of 2 .*small\.png: The photo of 64 x 20 pixels"):
        animate_files(photos, tmp_path / "out")
    assert (tmp_path / "out" / "good.mp4").is_file()
    with pytest.raises(ValueError, match="smaller than the model's"):
        animate_files(photos[:1], tmp_path / "a.mp4")


def test_a_model_that_is_not_there_stops_all(tmp_path, monkeypatch):
    def missing(path):
        raise FileNotFoundError(f"No checkpoint in {path}")

    monkeypatch.setattr(animation_files, "load_animator", missing)
    photos = [save(tmp_path / "a.png"), save(tmp_path / "b.png")]
    with pytest.raises(FileNotFoundError, match="No checkpoint in run"):
        animate_files(photos, tmp_path / "out", path="run")


def test_the_options_arrive(model, tmp_path):
    photo = save(tmp_path / "photo.png")
    options = Options(size=32, frames=20, loop=True, side_by_side=True)
    animate_files([photo], tmp_path / "a.mp4", options=options)
    assert video_files.read_video(tmp_path / "a.mp4").shape == (20, 24, 64, 3)
    for seed in (0, 5):
        animate_files([photo], tmp_path / f"{seed}.mp4", options=Options(seed=seed))
    one, two = (video_files.read_video(tmp_path / f"{seed}.mp4").mean() for seed in (0, 5))
    assert two > one + 10


def test_a_mask_file(model, tmp_path):
    photo, mask = save(tmp_path / "photo.png"), np.zeros((48, 64, 4), np.uint8)
    mask[:, :32] = 255
    mask[:, 48:, :3] = 255  # white, but transparent
    Image.fromarray(mask).save(tmp_path / "mask.png")
    files = Files(save_frames=True)
    animate_files([photo], tmp_path / "a.mp4", mask=tmp_path / "mask.png", files=files)
    last = photo_files.read_photo(tmp_path / "a_frames" / "00007.png").astype(int)
    np.testing.assert_array_equal(last[:, 32:], sky()[:, 32:])
    assert (last[:, :28] > sky()[:, :28] + 30).all()
    save(tmp_path / "square.png", sky(48, 48))
    with pytest.raises(ValueError, match="The mask is 48 x 48 pixels, which has another aspect"):
        animate_files([photo], tmp_path / "b.mp4", mask=tmp_path / "square.png")
    with pytest.raises(FileNotFoundError, match=r"No mask at .*none\.png"):
        animate_files([photo], tmp_path / "b.mp4", mask=tmp_path / "none.png")


def test_the_sky_as_the_mask(model, tmp_path):
    scene = np.full((96, 128, 3), [60, 90, 30], np.uint8)
    scene[:48] = [90, 140, 200]
    photo = save(tmp_path / "photo.png", scene)
    files = Files(save_frames=True)
    animate_files([photo], tmp_path / "a.mp4", mask="sky", files=files)
    last = photo_files.read_photo(tmp_path / "a_frames" / "00007.png").astype(int)
    np.testing.assert_array_equal(last[60:], scene[60:])
    assert (last[:40] > scene[:40] + 20).all()


def test_gif_beside_the_video_is_small(model, tmp_path):
    photo = save(tmp_path / "photo.png", sky(600, 1200))
    files = Files(gif=True, fps=10)
    animate_files([photo], tmp_path / "a.mp4", files=files)
    assert video_files.read_video(tmp_path / "a.mp4").shape == (FRAMES, 600, 1200, 3)
    assert video_files.read_video(tmp_path / "a.gif").shape == (FRAMES, 320, 640, 3)
    animate_files([photo], tmp_path / "b.gif")
    assert video_files.read_video(tmp_path / "b.gif").shape == (FRAMES, 320, 640, 3)
    with pytest.raises(ValueError, match="GIF plays at most 50"):
        animate_files([photo], tmp_path / "c.mp4", files=Files(gif=True, fps=60))


def test_frames_of_an_earlier_longer_clip_go(model, tmp_path):
    photo = save(tmp_path / "photo.png")
    for count in (5, 3):
        files = Files(save_frames=True, overwrite=True)
        animate_files([photo], tmp_path / "a.mp4", options=Options(frames=count), files=files)
        (tmp_path / "a_frames" / "notes.png").touch()
    names = sorted(path.name for path in (tmp_path / "a_frames").iterdir())
    assert names == ["00000.png", "00001.png", "00002.png", "notes.png"]
    np.testing.assert_array_equal(photo_files.read_photo(tmp_path / "a_frames/00000.png"), sky())


@pytest.mark.parametrize(
    ("there", "files"),
    [("a.mp4", Files()), ("a.gif", Files(gif=True)), ("a_frames", Files(save_frames=True))],
)
def test_what_is_there_is_not_replaced_unless_told(model, tmp_path, there, files):
    photo = save(tmp_path / "photo.png")
    if there == "a_frames":
        (tmp_path / there).mkdir()
    else:
        (tmp_path / there).write_text("mine")
    with pytest.raises(FileExistsError, match=rf"{there} exists\. Choose another name, or pass"):
        animate_files([photo], tmp_path / "a.mp4", files=files)
    told = Files(gif=files.gif, save_frames=files.save_frames, overwrite=True)
    assert animate_files([photo], tmp_path / "a.mp4", files=told)


def test_of_several_those_that_are_there_are_kept(model, tmp_path, capsys):
    photos = [save(tmp_path / "a.png"), save(tmp_path / "b.png")]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.mp4").write_text("mine")
    assert animate_files(photos, tmp_path / "out") == [tmp_path / "out" / "b.mp4"]
    assert (tmp_path / "out" / "a.mp4").read_text() == "mine"
    assert "a.mp4 exists and is kept. Pass --overwrite" in capsys.readouterr().err
    assert animate_files(photos, tmp_path / "out", files=Files(gif=True)) == []
    printed = capsys.readouterr().err
    assert "b.mp4 exists and is kept, without b.gif. Pass --overwrite" in printed
    assert "photos:" not in printed  # no bar where there is nothing to do
    assert len(animate_files(photos, tmp_path / "out", files=Files(overwrite=True))) == 2


def test_what_belongs_to_a_clip_that_is_not_there_stops_all(model, tmp_path):
    """It may be somebody's own, and without its clip it must not pass for done."""
    photos = [save(tmp_path / "a.png"), save(tmp_path / "b.png")]
    (tmp_path / "out" / "b_frames").mkdir(parents=True)
    with pytest.raises(FileExistsError, match=r"b_frames exists, and its clip .*b\.mp4 does not"):
        animate_files(photos, tmp_path / "out", files=Files(save_frames=True))
    told = Files(save_frames=True, overwrite=True)
    assert len(animate_files(photos, tmp_path / "out", files=told)) == 2


def test_notes_say_what_was_done_to_a_photo(model, tmp_path, capsys):
    Image.new("CMYK", (64, 48)).save(tmp_path / "print.jpg")
    animate_files([tmp_path / "print.jpg"], tmp_path / "a.mp4")
    assert "note: " in capsys.readouterr().err


def test_the_wind_is_told_and_what_moves_is_saved(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(animation_files, "load_animator", lambda path: blower())
    photo = sky(level=60)
    photo[:24] += 100
    files = Files(save_mask=True, save_frames=True)
    animate_files(
        [save(tmp_path / "photo.png", photo)],
        tmp_path / "a.mp4",
        options=Options(wind="left"),
        files=files,
    )
    assert "a.mp4: the wind is 1 % of the width a frame, to the left (180 degrees)" in (
        capsys.readouterr().err
    )
    mask = photo_files.read_mask(tmp_path / "a_mask.png")
    assert (mask[:20] == 255).all() and not mask[28:].any()
    with pytest.raises(FileExistsError, match=r"a_mask\.png exists"):
        (tmp_path / "a.mp4").unlink()
        animate_files([tmp_path / "photo.png"], tmp_path / "a.mp4", files=Files(save_mask=True))


def test_hardly_anything_that_stands_still_is_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(animation_files, "load_animator", lambda path: blower())
    animate_files([save(tmp_path / "photo.png")], tmp_path / "a.mp4", options=Options(frames=1))
    assert "a.mp4: 100 % of the photo moves" in capsys.readouterr().err


def test_what_reaches_the_bottom_edge_is_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(animation_files, "load_animator", lambda path: blower())
    photo = sky(level=60)
    photo[12:] += 100
    animate_files([save(tmp_path / "photo.png", photo)], tmp_path / "a.mp4")
    assert "a.mp4: what moves reaches the bottom edge (100 % of it). If" in capsys.readouterr().err


def test_a_painted_mask_of_a_model_that_changes_is_not_doubted(model, tmp_path, capsys):
    Image.new("L", (64, 48), 255).save(tmp_path / "mask.png")
    photo = save(tmp_path / "photo.png")
    animate_files([photo], tmp_path / "a.mp4", mask=tmp_path / "mask.png")
    assert "moves" not in capsys.readouterr().err


def test_large_clips(model, tmp_path, capsys, monkeypatch):
    photo = save(tmp_path / "photo.png")
    monkeypatch.setattr(animation_files.encoders, "PLAYED_EVERYWHERE", 11)  # it has 4 x 3 blocks
    animate_files([photo], tmp_path / "a.mp4")
    assert "64 x 48 pixels are more than many phones" in capsys.readouterr().err
    monkeypatch.setattr(animation_files.encoders, "LARGEST", 11)
    with pytest.raises(ValueError, match=r"64 x 48 pixels are more than H\.264 holds"):
        animate_files([photo], tmp_path / "b.mp4")
