import io

from PIL import Image

from ssagan_jax.demo import example


def test_the_example_is_a_jpeg_of_its_size():
    with Image.open(io.BytesIO(example.jpeg())) as image:
        assert (image.format, image.size) == ("JPEG", example.SIZE)
    assert example.jpeg() is example.jpeg()  # painted once
