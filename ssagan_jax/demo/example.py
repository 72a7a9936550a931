"""Photos for visitors who have none at hand: painted, so nobody's."""

import functools
import io

import numpy as np
from PIL import Image

from ssagan_jax.data.painting import scenery

SCENES = {
    "example-1.jpg": (7, 3),  # a coast in the evening
    "example-2.jpg": (7, 17),  # hills at noon
    "example-3.jpg": (7, 9),  # trees before mountains, after sunset
}
SIZE = (1024, 768)  # width and height, in pixels


@functools.cache
def jpeg(name: str = "example-1.jpg") -> bytes:
    """The file of an example; it is painted once."""
    width, height = SIZE
    square = scenery.paint_clip(
        np.random.default_rng(SCENES[name]), size=width, times=np.zeros(1, np.float32)
    )
    top = (width - height) // 2
    file = io.BytesIO()
    Image.fromarray(square[0, top : top + height]).save(file, "JPEG", quality=88)
    return file.getvalue()
