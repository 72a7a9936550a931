"""A photo for visitors who have none at hand: painted, so nobody's."""

import functools
import io

import numpy as np
from PIL import Image

from ssagan_jax.data.painting import scenery

_SCENE = (7, 3)  # a coast in the evening
SIZE = (1024, 768)  # width and height, in pixels


@functools.cache
def jpeg() -> bytes:
    """The file of the example."""
    width, height = SIZE
    square = scenery.paint_clip(
        np.random.default_rng(_SCENE), size=width, times=np.zeros(1, np.float32)
    )
    top = (width - height) // 2
    file = io.BytesIO()
    Image.fromarray(square[0, top : top + height]).save(file, "JPEG", quality=88)
    return file.getvalue()
