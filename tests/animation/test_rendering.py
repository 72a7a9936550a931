"""One photo to frames: sizes, lengths, masks, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation import rendering
from ssagan_jax.animation.rendering import BESIDE, animate, output_size
from ssagan_jax.io import video_files
from ssagan_jax.io.photo_files import resize_image
from tests.helpers.movers import blower, mover, waves


def brighter(**options):
    """Brightens the whole photo by 5 grey levels a frame, from a darker one than it was given."""

    def run(photos, seed, words):
        first = np.asarray(photos).astype(int)[:, None] - 20
        return (first + 5 * np.arange(16)[:, None, None, None]).clip(0, 255).astype(np.uint8)

    return mover(run=run, **options)


def grey(height=48, width=64, level=100):
    return np.full((height, width, 3), level, np.uint8)


def clip(photo, model=None, mask=None, **options):
    return np.stack(list(animate(photo, model or brighter(), mask=mask, **options)))


def test_native_size_starts_from_the_photo_itself():
    photo = np.random.default_rng(0).integers(0, 180, (51, 64, 3)).astype(np.uint8)
    found = clip(photo)
    assert found.shape == (16, 50, 64, 3)  # an even height
    np.testing.assert_array_equal(found[0], photo[:50])
    np.testing.assert_array_equal(clip(grey())[10], 100 + 50 - 1)  # less the threshold


def test_model_size_is_the_networks_own_clip():
    found = clip(grey(), size="model")
    assert found.shape == (16, 48, 64, 3)
    np.testing.assert_array_equal(found[0], 80)
    np.testing.assert_array_equal(found[10], 130)
    assert clip(grey(40, 2000), size="model", frames=1).shape == (1, 24, 1280, 3)


@pytest.mark.parametrize(
    ("photo", "found"),
    [((48, 64), (48, 64)), ((51, 33), (50, 32)), ((32, 32), (32, 32)), ((3, 200), (2, 200))],
)
def test_model_size_is_the_photos_size_in_even_pixels(photo, found):
    assert clip(grey(*photo), size="model", frames=2).shape == (2, *found, 3)


def test_model_size_stretches_the_networks_frames():
    photo = np.asarray(Image.fromarray(waves()).resize((64, 48)))
    model = mover(noise=True)
    frames = model(resize_image(photo, 32, 32)[None], seed=3)[0]
    expected = [resize_image(frame, 48, 64) for frame in frames]
    np.testing.assert_array_equal(clip(photo, model, size="model", seed=3), expected)


def test_output_size():
    assert output_size(3000, 4000) == (960, 1280)
    assert output_size(2 * 1280, 1280) == (1280, 640)
    assert output_size(1, 10_000) == (2, 1280)
    assert output_size(48, 64, max_side=31) == (22, 30)
    with pytest.raises(ValueError, match="max_side is in pixels, at least 2, got 0"):
        output_size(10, 10, max_side=0)


def test_the_sky_as_the_mask():
    scene = np.full((96, 128, 3), [60, 90, 30], np.uint8)
    scene[:48] = [90, 140, 200]
    found = clip(scene, mask="sky", frames=8)
    np.testing.assert_array_equal(found[:, 60:], np.broadcast_to(scene[60:], (8, 36, 128, 3)))
    assert (found[-1, :40] > scene[:40] + 20).all()


def test_without_an_animator_the_bundled_one_is_loaded(monkeypatch):
    monkeypatch.setattr(rendering, "load_animator", lambda path: brighter())
    np.testing.assert_array_equal(list(animate(grey(), seed=4)), clip(grey(), seed=4))


def test_a_number_is_the_longest_side():
    assert clip(grey(300, 400), size=100, frames=2).shape == (2, 74, 100, 3)
    found = clip(grey(48, 64), size=100, frames=2)
    assert found.shape == (2, 48, 64, 3)
    np.testing.assert_array_equal(found[0], 100)  # the photo, not the network's first frame


def test_frames_speed_and_loop():
    assert len(clip(grey(), frames=40)) == 40
    assert len(clip(grey(), speed=2)) == 8
    np.testing.assert_array_equal(clip(grey(), speed=2)[1], clip(grey())[2])
    photo = np.asarray(Image.fromarray(waves()).resize((64, 64)))
    loop = clip(photo, mover(), loop=True).astype(int)
    straight = clip(photo, mover()).astype(int)
    assert np.abs(loop[-1] - loop[0]).mean() < 0.5 * np.abs(straight[-1] - straight[0]).mean()


def test_seed():
    one, two, again = (clip(grey(), mover(noise=True), seed=seed) for seed in (1, 2, 1))
    assert (one != two).any()
    np.testing.assert_array_equal(one, again)


@pytest.mark.parametrize("size", ["native", 64, "model"])
def test_only_what_is_white_in_the_mask_moves(size):
    mask = np.zeros((48, 64), np.uint8)
    mask[:, 32:] = 255
    for given in (mask, np.kron(mask, np.ones((2, 2), np.uint8))):
        found = clip(grey(), mask=given, size=size)
        np.testing.assert_array_equal(found[:, :, :31], 100)
        assert (found[10, :, 34:] > 120).all()


def test_side_by_side():
    photo = grey()
    found = animate(photo, brighter(), side_by_side=True)
    frames = np.stack(list(found))
    assert frames.shape == (16, found.height, found.width, 3) == (16, 48, 128, 3)
    np.testing.assert_array_equal(frames[:, :, :64], np.broadcast_to(photo, (16, 48, 64, 3)))
    assert (frames[10, :, 64:] > 140).all()
    wide = animate(grey(100, 3 * BESIDE), brighter(), side_by_side=True)
    assert wide.width == 2 * BESIDE


def test_length_size_and_progress_are_known_before():
    told = []
    found = animate(
        grey(51, 64),
        brighter(),
        frames=3,
        progress=lambda done, total: told.append((done, total)),
    )
    assert (len(found), found.frames, found.height, found.width) == (3, 3, 50, 64)
    assert told == []
    frames = iter(found)
    next(frames)
    assert told == [(1, 3)]
    assert len(list(frames)) == 2 and told[-1] == (3, 3)
    assert len(list(found)) == 3  # and once more


def test_refuses_other_photos_and_masks():
    with pytest.raises(
        ValueError, match="photo of 40 x 30 pixels is smaller than the model's 32 x 32"
    ):
        animate(grey(30, 40), brighter())
    with pytest.raises(ValueError, match=r"A photo is uint8 .* not empty, got uint8 \[48, 64\]"):
        animate(grey()[..., 0], brighter())
    with pytest.raises(ValueError, match="The mask is 48 x 48 pixels, which has another aspect"):
        animate(grey(), brighter(), mask=np.zeros((48, 48), np.uint8))
    with pytest.raises(ValueError, match=r"The mask leaves nothing to move\. Paint white"):
        clip(grey(), mask=np.zeros((48, 64), np.uint8))
    with pytest.raises(ValueError, match=r'A mask is uint8 \[H, W\], or "sky", got "sea"'):
        animate(grey(), brighter(), mask="sea")
    with pytest.raises(ValueError, match=r"got float64 \[48, 64, 3"):
        animate(grey() / 255, brighter())
    with pytest.raises(ValueError, match=r"not empty, got uint8 \[0, 64, 3\]"):
        animate(grey()[:0], brighter(), size="model")


def test_refuses_options_out_of_range():
    with pytest.raises(ValueError, match="frames is how many to make"):
        animate(grey(), brighter(), frames=0)
    with pytest.raises(ValueError, match="A wind is right, up, left"):
        animate(grey(), brighter(), wind="north")


def test_a_wind_carries_the_photo():
    photo = np.asarray(Image.fromarray(waves()).resize((64, 48)))
    found = animate(photo, blower(), wind="right")
    frames = np.stack(list(found))
    assert found.wind == "1 % of the width a frame, to the right (0 degrees)"
    assert frames.shape == (16, 48, 64, 3) and found.mask.shape == (48, 64)
    np.testing.assert_array_equal(frames[0], photo)
    assert animate(photo, mover()).wind is None
    with pytest.raises(ValueError, match="This model takes no wind"):
        animate(photo, mover(), wind="right")


def test_a_file_and_a_models_folder_are_read_and_a_clip_is_saved(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(rendering, "load_animator", lambda path: asked.append(path) or brighter())
    Image.fromarray(grey()).save(tmp_path / "photo.png")
    found = animate(str(tmp_path / "photo.png"), "runs/mine", frames=3)
    assert asked == ["runs/mine"]
    found.save(tmp_path / "a.mp4", fps=10)
    assert video_files.read_video(tmp_path / "a.mp4").shape == (3, 48, 64, 3)


def test_a_picture_of_another_library_is_told_how_to_become_an_array():
    with pytest.raises(ValueError, match=r"got Image\. A picture of Pillow: numpy\.asarray"):
        animate.__wrapped__(Image.fromarray(grey()), brighter())
