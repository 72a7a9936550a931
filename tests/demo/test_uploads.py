"""Bodies of requests; what strangers send is in the attacks."""

import pytest
from PIL import Image

from ssagan_jax.demo import uploads
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.orders import Refused
from tests.helpers.visitors import picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": Image.Exif()}])
def test_sizes_are_read_from_heads(tmp_path, kind, options):
    path = tmp_path / "photo"
    path.write_bytes(picture(70, 33, kind, **options))
    uploads.check_photo(path, limits=Limits(pixels=70 * 33))
    with pytest.raises(Refused, match="The picture has 70 x 33 pixels, more than the"):
        uploads.check_photo(path, limits=Limits(pixels=70 * 33 - 1))


def test_transparent_webp_is_an_extended_one(tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(picture(70, 33, "WEBP", mode="RGBA"))
    with pytest.raises(Refused, match="The picture has 70 x 33 pixels"):
        uploads.check_photo(path, limits=Limits(pixels=1))


def test_a_mask_is_the_end_of_the_body(tmp_path):
    body, mask = tmp_path / "upload", tmp_path / "mask"
    body.write_bytes(b"photo" + b"mask")
    uploads.split_mask(body, mask, mask_bytes=4)
    assert (body.read_bytes(), mask.read_bytes()) == (b"photo", b"mask")
    with pytest.raises(Refused, match="mask_bytes is 5, but all that came is 5") as refused:
        uploads.split_mask(body, mask, mask_bytes=5)
    assert refused.value.status == 400


def test_a_phones_jpeg_with_a_second_picture_is_a_photo(tmp_path):
    path = tmp_path / "upload"
    image = Image.new("RGB", (16, 8))
    image.save(path, format="MPO", save_all=True, append_images=[image])
    uploads.check_photo(path, limits=Limits(pixels=16 * 8))


def test_a_head_of_very_many_parts_is_not_given_to_pillow(tmp_path, monkeypatch):
    """Pillow keeps them all: of 16 MiB hundreds of megabytes."""
    jpeg, png = picture(70, 33, "JPEG"), picture(70, 33, "PNG")
    comments = b"\xff\xfe\x00\x02" * 2000
    chunks = b"\x00\x00\x00\x00teXt\x00\x00\x00\x00" * 2000
    monkeypatch.setattr(uploads.Image, "open", None)
    for name, content in (
        ("a.jpg", jpeg[:2] + comments + jpeg[2:]),
        ("b.jpg", jpeg[:2] + b"\xff" * 5000 + jpeg[2:]),
        ("c.png", png[:33] + chunks + png[33:]),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Refused, match="it is damaged") as refused:
            uploads.check_photo(tmp_path / name, limits=Limits())
        assert refused.value.status == 415
