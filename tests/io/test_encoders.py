"""What the encoders are told, and which sizes an mp4 cannot have."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.io import encoders


def test_large_frames_take_little_memory(tmp_path):
    for height, width, ahead in ((66, 94, 40), (3000, 4000, 6)):
        path = tmp_path / "clip.mp4"
        with encoders.mp4(path, (height, width), Fraction(25)) as add:
            add(np.zeros((height, width, 3), np.uint8))
        assert f"rc_lookahead={ahead} ".encode() in path.read_bytes()  # x264 notes its settings


def test_how_much_an_mp4_may_lose(tmp_path):
    for options, noted in (({}, b"crf=18.0 "), ({"crf": 4}, b"crf=4.0 ")):
        with encoders.mp4(tmp_path / "clip.mp4", (32, 32), Fraction(25), **options) as add:
            add(np.zeros((32, 32, 3), np.uint8))
        assert noted in (tmp_path / "clip.mp4").read_bytes()


def test_sizes_that_an_mp4_cannot_have():
    for height, width in ((2, 16386), (8192, 8192)):
        with pytest.raises(ValueError, match=rf"{width} x {height} pixels are more than H\.264"):
            encoders.check_mp4(height, width)
    with pytest.raises(ValueError, match="mp4 needs an even height and width, got 3 x 4"):
        encoders.check_mp4(3, 4)
    encoders.check_mp4(4320, 8192)


@pytest.mark.parametrize(("size", "expected"), [((16, 16), 1), ((17, 16), 2), ((1080, 1920), 8160)])
def test_blocks(size, expected):
    assert encoders.blocks(*size) == expected


def test_colours_of_a_gif_are_chosen_from_the_whole_clip(tmp_path):
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    with encoders.gif(tmp_path / "clip.gif", (5, 7), Fraction(10)) as add:
        for colour in colours:
            add(np.broadcast_to(colour, (5, 7, 3)).copy())
    with Image.open(tmp_path / "clip.gif") as image:
        for number, colour in enumerate(colours):
            image.seek(number)
            shown = np.asarray(image.convert("RGB"))
            np.testing.assert_allclose(shown, np.broadcast_to(colour, (5, 7, 3)), atol=8)
