"""Every kind of signal gives the colours that its standard says."""

import struct
from types import SimpleNamespace

import av
import numpy as np
import pytest
from av.sidedata.sidedata import Type

from ssagan_jax.io import video_colours, video_reading
from tests.helpers import films

MORE = [*films.BARS, (255, 255, 255), (0, 0, 0), (250, 240, 20), (10, 20, 30)]


def signal(**changes):
    fields = {"matrix": None, "full": True, "primaries": 1, "curve": 1}
    return video_colours.Signal(**{**fields, **changes})


def tagged(frame, **tags):
    for name, value in tags.items():
        setattr(frame, name, value)
    return frame


def pixels(frame, **options):
    return video_colours.to_rgb(frame, video_colours.signal(frame), **{"hdr": "refuse", **options})


@pytest.mark.parametrize("matrix", [1, 5, 6, 9])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv420p10le", "yuv422p10le"])
def test_colours_of_every_matrix_range_and_depth(matrix, full, pix_fmt):
    made = films.yuv(MORE, matrix=matrix, full=full, pix_fmt=pix_fmt)
    frame = tagged(made, colorspace=matrix, color_range=2 if full else 1)
    found = np.array(films.bars(pixels(frame), len(MORE)))
    # Eight bits of Y'CbCr are coarser than eight of RGB; a part of blue is two steps.
    np.testing.assert_allclose(found, MORE, atol=1 if "10" in pix_fmt else 2)
    assert abs((found - MORE).mean()) < 0.4  # neither darker nor brighter


@pytest.mark.parametrize(("width", "height"), [(320, 720), (1280, 64)])
def test_hd_without_tags_is_bt709(tmp_path, width, height):
    frame = films.yuv(films.BARS, matrix=1, width=width // 4, height=height)
    path = films.write(tmp_path / "hd.mp4", [frame])
    (found,) = video_reading.read_video(path)
    np.testing.assert_allclose(films.bars(found), films.BARS, atol=2)


def test_small_videos_without_tags_are_bt601(tmp_path):
    path = films.write(tmp_path / "sd.mp4", [films.yuv(films.BARS, matrix=6)])
    np.testing.assert_allclose(films.bars(video_reading.read_video(path)[0]), films.BARS, atol=2)


def test_tags_of_a_file_are_used(tmp_path):
    frame = films.yuv(films.BARS, matrix=1, full=True)
    tags = {"colorspace": 1, "color_range": 2}.items()
    path = films.write(tmp_path / "full.mp4", [frame], tags=tags)
    np.testing.assert_allclose(films.bars(video_reading.read_video(path)[0]), films.BARS, atol=2)


def test_rgb_is_taken_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    for kind in ("rgb24", "gbrp"):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=kind)
        np.testing.assert_array_equal(pixels(frame), picture)


def test_transparency_is_laid_over_white():
    picture = np.zeros((4, 4, 4), np.uint8)
    picture[:, 2:] = (200, 40, 40, 255)
    picture[0, 2:, 3] = 51  # a fifth
    found = pixels(av.VideoFrame.from_ndarray(picture, format="rgba"))
    assert found[1].tolist() == [[255] * 3] * 2 + [[200, 40, 40]] * 2
    assert found[0, 3].tolist() == [244, 212, 212]


def test_an_opaque_alpha_channel_is_no_transparency():
    picture = np.full((4, 4, 4), 255, np.uint8)
    frame = av.VideoFrame.from_ndarray(picture, format="rgba")
    assert video_colours.has_alpha(frame) and not video_colours.is_transparent(frame)
    picture[0, 0, 3] = 0
    assert video_colours.is_transparent(av.VideoFrame.from_ndarray(picture, format="rgba"))


def test_unknown_matrices_are_refused():
    with pytest.raises(ValueError, match=r"colours by matrix 14 of H\.273, which is not known"):
        video_colours.signal(tagged(films.yuv(films.BARS), colorspace=14))


def test_wide_primaries_become_those_of_bt709():
    # P3's and BT.2020's numbers of sRGB's (200, 40, 40); greys stay.
    for primaries, wide in ((12, (185, 60, 50)), (9, (165, 74, 48))):
        frame = av.VideoFrame.from_ndarray(np.array([[wide, (90, 90, 90)]], np.uint8), "rgb24")
        red, grey = video_colours.to_rgb(frame, signal(primaries=primaries), hdr="refuse")[0]
        np.testing.assert_allclose(red, (200, 40, 40), atol=5)
        np.testing.assert_allclose(grey, 90, atol=1)


@pytest.mark.parametrize(
    ("curve", "white", "middle"),
    [(video_colours.PQ, 0.5807, 0.3816), (video_colours.HLG, 0.75, 0.3829)],
)
def test_tone_mapped_white_paper_is_nearly_white(curve, white, middle):
    """203 cd/m2 of BT.2408 are 58 % of PQ and 75 % of HLG; 26 cd/m2 a middle grey of both."""
    steps = np.array([[0, middle, white, 1.0]]) * 65535
    frame = av.VideoFrame.from_ndarray(
        np.repeat(np.rint(steps)[..., None], 3, -1).astype(np.uint16), format="rgb48le"
    )
    found = video_colours.to_rgb(frame, signal(primaries=9, curve=curve), hdr="tonemap")[0]
    assert (np.ptp(found, axis=1) <= 1).all()  # grey stays grey
    np.testing.assert_allclose(found[:, 0], [0, 108, 235, 255], atol=3)


def test_tone_mapping_keeps_order_and_hue():
    light = np.linspace(0, 5, 500)[:, None, None] * np.array([1.0, 0.5, 0.25])
    mapped = video_colours.tonemap(light)
    assert (np.diff(mapped[:, 0, 0]) > 0)[:490].all() and mapped.max() <= 1
    np.testing.assert_allclose(mapped[1:, 0, 1] / mapped[1:, 0, 0], 0.5)
    np.testing.assert_array_equal(mapped[light[..., 0] < 0.65], light[light[..., 0] < 0.65])


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((1, 0, 0, 1), [[1, 2], [3, 4]]),
        ((0, 1, -1, 0), [[3, 1], [4, 2]]),  # a quarter clockwise
        ((-1, 0, 0, -1), [[4, 3], [2, 1]]),
        ((0, -1, 1, 0), [[2, 4], [1, 3]]),
        ((-1, 0, 0, 1), [[2, 1], [4, 3]]),  # as in a mirror
        ((0, 1, 1, 0), [[1, 3], [2, 4]]),
    ],
)
def test_pictures_are_turned_and_mirrored(matrix, expected):
    a, b, c, d = (value << 16 for value in matrix)

    display = struct.pack("=9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    frame = SimpleNamespace(side_data={Type.DISPLAYMATRIX: display})
    picture = np.array([[1, 2], [3, 4]], np.uint8)[..., None].repeat(3, -1)
    assert video_colours.upright(picture, frame)[..., 0].tolist() == expected
