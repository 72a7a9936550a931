"""Makes docs/wind.png: what the bundled model moves in painted photos, and how.

python docs/wind_picture.py
"""

from pathlib import Path

import numpy as np
from PIL import Image

from ssagan_jax import load_animator
from ssagan_jax.data import source
from ssagan_jax.viz.velocity_sheet import velocity_sheet

CLIPS = (1, 11, 21, 23)  # of the test split of synthetic_wind


def main() -> None:
    animate = load_animator()
    clips = source(
        "synthetic_wind", split="test", size=animate.size, frames=animate.frames, wind=True
    )
    examples = [clips[number] for number in CLIPS]
    photos = np.stack([example["clip"][0] for example in examples])
    wind = np.stack([example["wind"] for example in examples])
    fields = animate.fields(photos, wind=wind)
    sheet = velocity_sheet(photos, fields.mask, fields.velocity, animate(photos, wind=wind))
    path = Path(__file__).with_name("wind.png")
    Image.fromarray(sheet).quantize().save(path, optimize=True)  # 256 colours: a third of the size
    print(path)


if __name__ == "__main__":
    main()
