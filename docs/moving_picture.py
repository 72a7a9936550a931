"""Makes docs/moving.webp, the clip at the top of the README, from a photo.

python docs/moving_picture.py PHOTO
"""

import sys
from pathlib import Path

from PIL import Image

from ssagan_jax import animate, load_animator
from ssagan_jax.io.photo_files import read_photo

WIDTH, FRAMES, WIND = 560, 60, "right"
MILLISECONDS = 60  # a frame
MOST = 2 * 2**20  # bytes


def main(photo: str) -> None:
    frames = animate(
        read_photo(Path(photo)),
        load_animator(),
        size=WIDTH,
        frames=FRAMES,
        wind=WIND,
        loop=True,
    )
    first, *others = (Image.fromarray(frame) for frame in frames)
    path = Path(__file__).with_name("moving.webp")
    for quality in range(80, 20, -10):  # the best that is small enough
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=MILLISECONDS,
            loop=0,
            quality=quality,
            method=6,
        )
        if path.stat().st_size <= MOST:
            print(f"{path}, quality {quality}")
            return
    raise SystemExit(f"{path} is over {MOST} bytes at any quality: another photo?")


if __name__ == "__main__":
    main(*sys.argv[1:])
