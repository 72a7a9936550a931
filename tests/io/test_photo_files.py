"""Photos as people have them, and files that are not photos."""

import io
import os
import sys
import types

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.data import preprocess
from ssagan_jax.io import photo_files
from ssagan_jax.io.icc_profiles import ADOBE_RGB
from tests.helpers.pictures import encoded


def halves(height=40, width=60):
    """Red above, blue below."""
    photo = np.zeros((height, width, 3), np.uint8)
    photo[: height // 2, :, 0] = 255
    photo[height // 2 :, :, 2] = 255
    return photo


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif"])
def test_reads_formats(tmp_path, suffix):
    path = tmp_path / f"photo{suffix}"
    Image.fromarray(halves()).save(path)
    photo = photo_files.read_photo(path)
    assert photo.shape == (40, 60, 3) and photo.dtype == np.uint8
    np.testing.assert_allclose(photo[5, 5], [255, 0, 0], atol=8)
    np.testing.assert_allclose(photo[-5, 5], [0, 0, 255], atol=8)


def test_exif_rotation_is_honoured(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn 90 degrees clockwise to view"
    Image.fromarray(halves()).save(tmp_path / "phone.jpg", exif=exif, quality=95)
    photo = photo_files.read_photo(tmp_path / "phone.jpg")
    assert photo.shape == (60, 40, 3)
    np.testing.assert_allclose(photo[30, 35], [255, 0, 0], atol=8)  # what was above is right
    np.testing.assert_allclose(photo[30, 5], [0, 0, 255], atol=8)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1"])
def test_other_modes_become_rgb(tmp_path, mode):
    path = tmp_path / ("photo.jpg" if mode == "CMYK" else "photo.png")
    Image.new("RGB", (8, 6), "white").convert(mode).save(path)
    photo = photo_files.read_photo(path)
    assert photo.shape == (6, 8, 3) and photo.min() >= 254


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_over_white(tmp_path, mode):
    image = Image.new("RGBA", (8, 6), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 4, 6))
    image.convert(mode).save(tmp_path / "logo.png", **({"transparency": 0} if mode == "P" else {}))
    photo = photo_files.read_photo(tmp_path / "logo.png")
    assert photo.shape == (6, 8, 3)
    assert (photo[:, 5:] == 255).all()
    if mode != "P":
        assert (photo[:, :3] == 0).all()


def test_sixteen_bits_keep_their_greys(tmp_path):
    greys = np.array([[0, 32768, 65535]], np.uint16)
    Image.fromarray(greys).save(tmp_path / "deep.png")
    photo = photo_files.read_photo(tmp_path / "deep.png")
    assert photo[0, :, 1].tolist() == [0, 128, 255]


def test_refuses_what_is_not_a_photo(tmp_path):
    (tmp_path / "notes.jpg").write_text("not a picture")
    with pytest.raises(
        ValueError, match=r"notes\.jpg as a photo, expected JPEG, PNG or WebP: it is not"
    ):
        photo_files.read_photo(tmp_path / "notes.jpg")
    with pytest.raises(ValueError, match="is a folder, expected one photo"):
        photo_files.read_photo(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"No photo at .*missing\.jpg"):
        photo_files.read_photo(tmp_path / "missing.jpg")


def test_refuses_half_a_photo(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "half.jpg"
    Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"Cannot read .*half\.jpg as a photo.*truncated"):
        photo_files.read_photo(path)


def test_refuses_decompression_bombs_but_not_large_photos(tmp_path, monkeypatch):
    Image.new("RGB", (30, 30)).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 600)  # Pillow warns from here on
    assert photo_files.read_photo(tmp_path / "large.png").shape == (30, 30, 3)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400)
    with pytest.raises(ValueError, match=r"large\.png has too many pixels: more than 800 \(0 mill"):
        photo_files.read_photo(tmp_path / "large.png")


@pytest.mark.parametrize("mode", ["CMYK", "I;16", "RGBA", "animation", "RGB", "opaque"])
def test_notes_tell_what_people_may_not_expect(tmp_path, mode):
    path, notes = tmp_path / ("photo.jpg" if mode == "CMYK" else "photo.png"), []
    if mode == "animation":
        path = tmp_path / "photo.webp"
        frames = [Image.fromarray(halves()), Image.new("RGB", (60, 40), "white")]
        frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    elif mode == "opaque":
        Image.new("RGBA", (60, 40), "red").save(path)
    elif mode == "RGBA":
        Image.fromarray(halves()).convert("RGBA").save(path)
        with Image.open(path) as image:
            image.paste((0, 0, 0, 0), (0, 0, 9, 9))
            image.save(path)
    else:
        Image.new(mode, (60, 40)).save(path)
    photo = photo_files.read_photo(path, note=notes.append)
    expected = {
        "CMYK": "is CMYK, made for print",
        "I;16": "has 16 bits: the upper 8 are taken",
        "RGBA": "is transparent in part: that is laid over white",
        "animation": "is an animation of 2 frames: the first one is taken",
    }
    assert len(notes) == (mode in expected)
    assert expected.get(mode, "") in "".join(notes)
    if notes:
        assert notes[0].startswith(str(path))
    if mode == "animation":
        np.testing.assert_array_equal(photo, halves())


def heic(path):
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    return path


def test_heic_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImportError, match=r"a\.jpg is a HEIC photo, .* pip install pillow-heif"):
        photo_files.read_photo(heic(tmp_path / "a.jpg"))  # by its content


def test_heic_with_its_package_is_read(tmp_path, monkeypatch):
    called = []
    fake = types.ModuleType("pillow_heif")
    fake.register_heif_opener = lambda: called.append("registered")
    monkeypatch.setitem(sys.modules, "pillow_heif", fake)
    with pytest.raises(ValueError, match="Cannot read"):  # there is no picture in it
        photo_files.read_photo(heic(tmp_path / "a.heic"))
    assert called == ["registered"]


def test_decode_photo_takes_open_files():
    file = io.BytesIO()
    Image.fromarray(halves()).save(file, format="PNG")
    file.seek(0)
    np.testing.assert_array_equal(photo_files.decode_photo(file, "upload"), halves())
    with pytest.raises(ValueError, match="Cannot read upload as a photo"):
        photo_files.decode_photo(io.BytesIO(b"nothing"), "upload")


def test_read_mask(tmp_path):
    image = Image.new("RGBA", (8, 6), "black")
    image.paste("white", (0, 0, 2, 6))
    image.paste((255, 255, 255, 0), (2, 0, 4, 6))  # transparent: as if black
    image.paste("red", (4, 0, 6, 6))  # a colour is as bright as its brightest channel
    image.save(tmp_path / "mask.png")
    mask = photo_files.read_mask(tmp_path / "mask.png")
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, np.tile([255, 255, 0, 0, 255, 255, 0, 0], (6, 1)))
    with pytest.raises(FileNotFoundError, match=r"No mask at .*none\.png"):
        photo_files.read_mask(tmp_path / "none.png")
    (tmp_path / "bad.png").write_text("nothing")
    with pytest.raises(ValueError, match="Cannot read The mask as a photo"):
        photo_files.read_mask(tmp_path / "bad.png", label="The mask")


def test_write_image_makes_the_folder_and_is_lossless(tmp_path):
    path = photo_files.write_image(tmp_path / "new" / "sheet.png", halves())
    np.testing.assert_array_equal(photo_files.read_photo(path), halves())
    with pytest.raises(ValueError, match=r"pictures are written as \.png"):
        photo_files.write_image(tmp_path / "sheet.jpg", halves())


@pytest.mark.parametrize("method", [photo_files.LANCZOS, photo_files.BILINEAR])
def test_pictures_and_masks_at_another_size(method):
    small = photo_files.resize_image(halves(), 20, 30, method=method)
    assert small.shape == (20, 30, 3) and small.dtype == np.uint8
    np.testing.assert_array_equal(small[0, 0], [255, 0, 0])
    assert photo_files.resize_image(halves()[..., 0], 20, 30, method=method).shape == (20, 30)
    np.testing.assert_array_equal(photo_files.resize_image(halves(), 40, 60), halves())


def test_a_second_picture_in_a_phones_jpeg_is_no_animation(tmp_path):
    path, notes = tmp_path / "phone.jpg", []
    image = Image.fromarray(halves())
    image.save(path, format="MPO", save_all=True, append_images=[image.resize((30, 20))])
    with Image.open(path) as opened:
        assert opened.n_frames == 2
    assert photo_files.read_photo(path, note=notes.append).shape == (40, 60, 3)
    assert not notes


def test_pages_of_a_tiff_are_said(tmp_path):
    path, notes = tmp_path / "pages.tif", []
    image = Image.fromarray(halves())
    image.save(path, save_all=True, append_images=[image])
    photo_files.read_photo(path, note=notes.append)
    assert notes == [f"{path} has 2 pages: the first one is taken."]


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_every_turn_in_every_format(tmp_path, turn, suffix):
    corner = np.zeros((16, 24, 3), np.uint8)
    corner[:8, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = turn
    path = tmp_path / f"photo{suffix}"
    Image.fromarray(corner).save(path, exif=exif, **({"lossless": True} if "w" in suffix else {}))
    photo = photo_files.read_photo(path)
    assert photo.shape == ((16, 24, 3) if turn < 5 else (24, 16, 3))
    # Where EXIF's first row and column are to be seen: the corner that they share.
    top, left = turn in (1, 2, 5, 6), turn in (1, 4, 5, 8)
    assert photo[0 if top else -1, 0 if left else -1].tolist() == [255] * 3
    assert photo.mean() == pytest.approx(255 / 6, abs=0.1)


def test_refuses_a_download_that_ends_in_zeros(tmp_path):
    path = tmp_path / "half.jpg"
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(100))  # padding after the end is harmless
    assert photo_files.read_photo(path).shape == (64, 64, 3)
    path.write_bytes(whole[:2000] + bytes(len(whole) - 2000))
    with pytest.raises(
        ValueError, match=r"half\.jpg as a photo.*truncated: its end is nothing but"
    ):
        photo_files.read_photo(path)


def test_never_waits_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ValueError, match=r"pipe\.jpg is a pipe, not a file, expected one photo"):
        photo_files.read_photo(tmp_path / "pipe.jpg")


def test_facts_of_a_file():
    plain = encoded(Image.fromarray(halves()), format="JPEG")
    assert photo_files.facts(plain, "x") == ("JPEG", (60, 40), False, True)
    photo_files.check_pixels(plain, "x")
    with pytest.raises(photo_files.UnreadablePhoto, match=r"(?i)Cannot read x as .*truncated"):
        photo_files.check_pixels(plain[: len(plain) // 2], "x")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(Image.fromarray(halves()), format="JPEG", exif=exif)
    assert photo_files.facts(turned, "x") == ("JPEG", (60, 40), True, False)
    for options in ({"format": "PNG"}, {"format": "JPEG", "icc_profile": ADOBE_RGB}):
        assert not photo_files.facts(encoded(Image.fromarray(halves()), **options), "x").plain
    with pytest.raises(photo_files.UnreadablePhoto, match="Cannot read x") as error:
        photo_files.facts(b"nothing", "x")
    assert error.value.reason == "it is not a picture."


def test_plain_jpegs_have_the_pixels_of_the_photo():
    data = encoded(Image.fromarray(halves()).convert("L"), format="JPEG")
    assert photo_files.facts(data, "x").plain
    np.testing.assert_array_equal(
        photo_files.decode_photo(io.BytesIO(data), "x"), np.asarray(preprocess.decode_image(data))
    )
