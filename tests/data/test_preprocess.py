import numpy as np
import pytest
from PIL import Image

from ssagan_jax.data import preprocess


def test_decode_gives_rgb(grey_jpeg):
    image = preprocess.decode_image(grey_jpeg(77))
    assert image.mode == "RGB"
    assert abs(int(np.asarray(image).mean()) - 77) <= 1


def test_resize_does_not_keep_the_aspect():
    pixels = np.zeros((9, 16, 3), np.uint8)
    pixels[:, 8:] = 200
    small = preprocess.resize_image(Image.fromarray(pixels), size=4)
    assert small.shape == (4, 4, 3)
    assert small[:, 0].max() < 10
    assert small[:, -1].min() > 190
    expected = Image.fromarray(pixels).resize((4, 4), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(small, np.asarray(expected))


def test_resize_leaves_the_right_size_alone():
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3)).astype(np.uint8)
    np.testing.assert_array_equal(preprocess.resize_image(Image.fromarray(pixels), size=4), pixels)


def test_flip_mirrors_columns():
    clip = np.arange(2 * 2 * 3 * 3, dtype=np.uint8).reshape(2, 2, 3, 3)
    np.testing.assert_array_equal(preprocess.flip_clip(clip)[:, :, 0], clip[:, :, 2])
    np.testing.assert_array_equal(preprocess.flip_clip(preprocess.flip_clip(clip)), clip)


def test_tile_cuts_squares_from_the_top():
    pixels = np.repeat(np.arange(3, dtype=np.uint8), 4)[:, None, None].repeat(4, 1).repeat(3, 2)
    tile = preprocess.cut_tile(Image.fromarray(pixels), 1)
    assert tile.size == (4, 4)
    assert np.unique(np.asarray(tile)).tolist() == [1]


def test_what_moves_is_mirrored_with_its_clip_and_stays_when_that_is_reversed():
    example = {
        "clip": np.arange(2 * 2 * 3 * 3, dtype=np.uint8).reshape(2, 2, 3, 3),
        "moving": np.arange(6, dtype=np.float32).reshape(2, 3),
        "mask": np.arange(1, 7, dtype=np.float32).reshape(2, 3),
    }
    mirrored = preprocess.random_flip(example, np.random.default_rng(3))
    np.testing.assert_array_equal(mirrored["clip"], example["clip"][:, :, ::-1])
    for name in ("moving", "mask"):
        np.testing.assert_array_equal(mirrored[name], example[name][:, ::-1])
    backwards = preprocess.random_reverse(example, np.random.default_rng(3))
    np.testing.assert_array_equal(backwards["clip"], example["clip"][::-1])
    np.testing.assert_array_equal(backwards["moving"], example["moving"])


@pytest.mark.parametrize(("shape", "box"), [((4, 9), (2, 0, 6, 4)), ((7, 4), (0, 1, 4, 5))])
def test_the_middle_square_is_cropped(shape, box):
    pixels = np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape)
    left, top, right, bottom = box
    found = np.asarray(preprocess.crop_center(Image.fromarray(pixels)))
    np.testing.assert_array_equal(found, pixels[top:bottom, left:right])
