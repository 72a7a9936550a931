"""A frame has the pixels that ``read_photo`` gives, whatever kind of picture it is."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.data import preprocess
from ssagan_jax.data.building import frames
from ssagan_jax.data.building.scan import Skipped
from ssagan_jax.io.icc_profiles import ADOBE_RGB
from ssagan_jax.io.photo_files import read_photo
from tests.helpers.pictures import BARS, bars, colours


def write(folder, *, count=3, suffix="jpg", image=None, **options):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"f{number}.{suffix}" for number in range(count)]
    for path in paths:
        (image or bars()).save(path, **options)
    return paths


def exif_turn(turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    return exif


KINDS = {
    "16 bits": {"image": Image.fromarray(np.full((16, 32), 40000, np.uint16)), "suffix": "png"},
    "turned": {"exif": exif_turn(6), "quality": 95, "subsampling": 0},
    "Adobe RGB": {"icc_profile": ADOBE_RGB, "quality": 95, "subsampling": 0},
    "CMYK": {"image": bars("CMYK"), "quality": 95, "subsampling": 0},
    "PNG": {"suffix": "png"},
    "transparent": {"image": bars("RGBA").resize((32, 8)), "suffix": "png"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_is_what_a_photo_is(tmp_path, kind):
    paths = write(tmp_path, **KINDS[kind])
    *found, note = list(frames.read_frames(paths))[:4]
    for path, data in zip(paths, found, strict=True):
        decoded = np.asarray(preprocess.decode_image(data)).astype(int)
        np.testing.assert_allclose(decoded, read_photo(path), atol=4)
    assert note.kept and note.reason.startswith("converted: ")
    assert note.path == str(tmp_path) and list(note.files) == [path.name for path in paths]


def test_plain_jpegs_stay_byte_for_byte(tmp_path):
    paths = write(tmp_path) + write(tmp_path / "grey", image=bars("L"))
    assert list(frames.read_frames(paths)) == [path.read_bytes() for path in paths]


def test_max_size(tmp_path):
    paths = write(tmp_path, count=1)  # 32 x 8
    data, note = frames.read_frames(paths, max_size=4)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (16, 4)
    assert note.reason == "converted: is scaled down: the short side to 4 pixels"
    assert list(frames.read_frames(paths, max_size=8)) == [paths[0].read_bytes()]


def test_problems_are_named(tmp_path, html):
    whole = write(tmp_path, count=1)[0].read_bytes()
    contents = {"empty": b"", "html": html, "half": whole[: len(whole) // 2], "text": b"x"}
    paths = [tmp_path / f"{name}.jpg" for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    found = list(frames.read_frames([*paths, tmp_path / "gone.jpg"]))
    assert all(isinstance(item, Skipped) and not item.kept for item in found)
    reasons = [item.reason for item in found]
    assert reasons[0] == "empty file"
    assert reasons[1] == "an HTML page, not a picture (left by a download that was refused)"
    assert reasons[2].startswith("unreadable: ") and "runcated" in reasons[2]
    assert reasons[3] == "unreadable: it is not a picture."
    assert reasons[4] == "unreadable: No such file or directory"


def test_what_no_jpeg_can_hold_is_left_out(tmp_path):
    paths = write(tmp_path, count=1, suffix="png", image=Image.new("L", (1, 65501)))
    [left] = frames.read_frames(paths)
    assert left.reason == "unreadable: 1 x 65501 pixels, a JPEG has 65500 at most"


def test_frames_of_several_sizes_are_said(tmp_path):
    paths = write(tmp_path) + write(tmp_path / "b", count=1, image=bars(side=4))
    *_, note = frames.read_frames(paths)
    expected = "frames of 2 sizes (3 of 32 x 8, 1 of 16 x 4): all are squeezed to one when read"
    assert note == Skipped(str(tmp_path), expected, kept=True)


@pytest.mark.skipif("SSAGAN_CASES" not in os.environ, reason="set SSAGAN_CASES to their folder")
def test_cases():
    cases = Path(os.environ["SSAGAN_CASES"])
    managed = [[220, 0, 18], [0, 185, 23], [28, 58, 209], [128, 128, 128]]
    np.testing.assert_allclose(colours(read_photo(cases / "icc_p3.jpg")), managed, atol=2)
    np.testing.assert_allclose(colours(read_photo(cases / "mpo.jpg")), BARS, atol=2)
    greys = [[32] * 3, [98] * 3, [163] * 3, [228] * 3]
    for folder, expected in (("frames_16bit", greys), ("frames_exif6", BARS)):
        paths = sorted((cases / folder).iterdir())
        found = [frame for frame in frames.read_frames(paths) if isinstance(frame, bytes)]
        assert len(found) == 8
        picture = np.asarray(preprocess.decode_image(found[0]))
        turned = picture.transpose(1, 0, 2) if folder == "frames_exif6" else picture
        np.testing.assert_allclose(colours(turned), expected, atol=8)
