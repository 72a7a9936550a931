"""Every mode that Pillow opens becomes the right sRGB, or is refused by name."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from ssagan_jax.io import photo_files
from ssagan_jax.io.icc_profiles import ADOBE_RGB, matrix_profile
from tests.helpers.pictures import BARS, bars, colours, encoded, grey_ink_profile, tiff

GREYS = [[int(grey)] * 3 for grey in np.asarray(bars("L"))[0, 4::8]]
ADOBE = [[233, 35, 35], [0, 181, 42], [21, 57, 205], [129, 129, 129]]
P3 = matrix_profile("P3", ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), (0.3127, 0.329), 2.2)


def read(data, notes=None):
    note = None if notes is None else notes.append
    return photo_files.decode_photo(io.BytesIO(data), "x", note=note)


def grey16():
    return np.asarray(bars("L")).astype(np.uint16) * 257


def rgb16():
    return np.asarray(bars()).astype(np.uint16) * 257


def near(found, expected, atol=2):
    np.testing.assert_allclose(colours(found), expected, atol=atol)


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        *(("RGB", "PNG"), ("RGBA", "PNG"), ("RGB", "BMP"), ("RGB", "TGA"), ("RGBA", "TIFF")),
        *(("CMYK", "TIFF"), ("CMYK", "JPEG"), ("YCbCr", "TIFF"), ("RGB", "PPM"), ("RGB", "AVIF")),
    ],
)
def test_colours(mode, format):
    near(read(encoded(bars(mode), format=format)), BARS, atol=3)


@pytest.mark.parametrize(("mode", "format"), [("L", "PNG"), ("LA", "PNG"), ("L", "TIFF")])
def test_greys(mode, format):
    near(read(encoded(bars(mode), format=format)), GREYS, atol=0)


def test_one_bit_and_palettes():
    palette = bars("P")
    near(read(encoded(palette, format="PNG")), colours(palette.convert("RGB")), atol=0)
    black_and_white = [[0] * 3, [255] * 3, [255] * 3, [255] * 3]
    near(read(encoded(bars("1"), format="PNG")), black_and_white, atol=0)


def test_lab():
    profiles = (ImageCms.createProfile(name) for name in ("sRGB", "LAB"))
    lab = ImageCms.profileToProfile(bars(), *profiles, outputMode="LAB")
    near(read(encoded(lab, format="TIFF")), BARS, atol=9)  # 8-bit L*a*b* is coarse in blue


@pytest.mark.parametrize("kind", ["png", "tiff", "big endian", "white is zero", "12 bits", "pgm"])
def test_deep_greys_are_neither_white_nor_black(kind):
    image, notes = Image.fromarray(grey16()), []
    twelve = (grey16() >> 4).reshape(-1, 2).astype(int)
    packed = [(a >> 4, (a & 15) << 4 | b >> 8, b & 255) for a, b in twelve]
    rows = np.array(packed, np.uint8).reshape(8, -1)
    data = {
        "png": lambda: encoded(image, format="PNG"),
        "tiff": lambda: encoded(image, format="TIFF"),
        "big endian": lambda: encoded(Image.fromarray(grey16().astype(">u2")), format="TIFF"),
        "white is zero": lambda: tiff(65535 - grey16(), bits=[16], meaning=0),
        "12 bits": lambda: tiff(rows, bits=[12], meaning=1, more=[(256, 32)]),
        "pgm": lambda: b"P5\n32 8\n65535\n" + grey16().astype(">u2").tobytes(),
    }[kind]()
    near(read(data, notes), GREYS, atol=0)
    assert notes == [f"x has {12 if kind == '12 bits' else 16} bits: the upper 8 are taken."]


def test_deep_colours():
    near(read(tiff(rgb16(), bits=[16] * 3, meaning=2)), BARS, atol=0)


@pytest.mark.parametrize("alpha", [1, 2])
def test_alpha_of_tiffs_premultiplied_or_not(alpha):
    pixels = np.dstack([np.asarray(bars()), np.full((8, 32), 255, np.uint8)])
    near(read(tiff(pixels, bits=[8] * 4, meaning=2, more=[(338, alpha)])), BARS, atol=0)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (tiff(np.ones((4, 4), np.float32), bits=[32], meaning=1, more=[(339, 3)]), "are floats"),
        (tiff(np.ones((4, 4), np.int16), bits=[16], meaning=1, more=[(339, 2)]), "signed numbers"),
        (tiff(np.ones((4, 4), np.uint32), bits=[32], meaning=1), "are 32 bits"),
        (tiff(np.ones((4, 4, 3), np.float32), bits=[32] * 3, meaning=2), "TIFF of a kind"),
        (tiff(np.ones((4, 4, 3), np.uint8), bits=[8] * 3, meaning=2, more=[(254, 1)]), "raw file"),
        (b"v/1\x01" + bytes(50), "OpenEXR, which is not read"),
        (encoded(bars(), format="EPS"), "EPS, which is not read"),
    ],
)
def test_what_has_no_known_black_and_white_is_refused_by_name(data, kind):
    with pytest.raises(ValueError, match=rf"Cannot read x as a photo.*{kind}.*(save|develop)"):
        read(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_managed(mode):
    notes = []
    near(read(encoded(bars(mode), format="PNG", icc_profile=ADOBE_RGB), notes), ADOBE)
    assert notes == ["x has the colours of Adobe RGB (1998): they become sRGB."]
    p3 = [[220, 0, 18], [0, 185, 23], [28, 58, 209], [129, 129, 129]]  # as of LittleCMS
    near(read(encoded(bars(mode), format="PNG", icc_profile=P3)), p3)


def test_cameras_say_adobe_rgb_in_exif():
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA001: 65535, 0xA005: {1: "R03"}})
    near(read(encoded(bars(), format="JPEG", quality=100, subsampling=0, exif=exif)), ADOBE, 3)


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk_by_its_own_profile(format):
    inks = np.zeros((8, 32, 4), np.uint8)
    inks[:, 8:16, 0], inks[:, 16:24, 3], inks[:, 24:, 1] = 255, 255, 128
    image, notes = Image.frombytes("CMYK", (32, 8), inks.tobytes()), []
    quality = {"quality": 100, "subsampling": 0} if format == "JPEG" else {}
    data = encoded(image, format=format, icc_profile=grey_ink_profile(), **quality)
    found = colours(read(data, notes))
    np.testing.assert_allclose(found[:3], [[255] * 3, [0] * 3, [0] * 3], atol=3)
    assert 100 < found[3][0] < 140 and np.ptp(found[3]) <= 2  # half magenta is grey
    assert len(notes) == 1 and "has the colours of" in notes[0]


def test_a_profile_of_srgb_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    notes = []
    near(read(encoded(bars(), format="PNG", icc_profile=profile), notes), BARS, atol=0)
    assert not notes


@pytest.mark.parametrize(
    ("mode", "profile", "why"),
    [("RGB", b"junk" * 50, "cannot be used"), ("CMYK", ADOBE_RGB, "one for RGB, and the picture")],
)
def test_profiles_that_cannot_be_used_are_said(mode, profile, why):
    notes = []
    near(read(encoded(bars(mode), format="TIFF", icc_profile=profile), notes), BARS, atol=0)
    assert why in notes[0]


def test_transparency_of_one_grey_and_of_everything():
    notes = []
    data = encoded(Image.fromarray(grey16()), format="PNG", transparency=int(grey16()[0, 0]))
    near(read(data, notes), [[255] * 3, *GREYS[1:]], atol=0)
    assert "is transparent in part: that is laid over white" in notes[1]
    everywhere = bars("RGBA")
    everywhere.putalpha(0)  # as programs write that know no transparency
    near(read(encoded(everywhere, format="TGA"), notes), BARS, atol=0)
    assert "is transparent everywhere: that is ignored" in notes[2]


def with_chunk(name, content):
    """A PNG of bars with one more chunk after its head."""
    data = encoded(bars(), format="PNG")
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return data[:33] + struct.pack(">I", len(content)) + name + content + checksum + data[33:]


def test_colours_by_code_and_by_chunks():
    p3 = [[218, 0, 26], [0, 183, 30], [34, 61, 208], [128, 128, 128]]  # with the curve of sRGB
    near(read(with_chunk(b"cICP", bytes([12, 13, 0, 1]))), p3)
    near(read(with_chunk(b"cICP", bytes([1, 13, 0, 1]))), BARS, atol=0)
    near(read(with_chunk(b"gAMA", struct.pack(">I", 45455))), BARS, atol=0)
    linear = [[229, 110, 110], [110, 219, 133], [110, 133, 229], [188, 188, 188]]
    near(read(with_chunk(b"gAMA", struct.pack(">I", 100000))), linear)


def test_hdr_is_refused_by_name():
    with pytest.raises(ValueError, match=r"it is HDR \(PQ\).*save it as SDR"):
        read(with_chunk(b"cICP", bytes([9, 16, 0, 1])))
    avif = encoded(bars(side=16), format="AVIF")
    start = avif.index(b"colrnclx") + 8
    hlg = avif[:start] + bytes([0, 9, 0, 18]) + avif[start + 4 :]
    with pytest.raises(ValueError, match=r"it is HDR \(HLG\)"):
        read(hlg)
