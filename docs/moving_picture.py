"""Makes docs/moving.webp, the clip at the top of the README, from a photo.

python docs/moving_picture.py PHOTO [SHARE]

SHARE: of its width, from the left, that is shown.
"""

import sys
from pathlib import Path

from PIL import Image

from ssagan_jax import animate, load_animator
from ssagan_jax.io.photo_files import read_photo

WIDTH, FRAMES, WIND = 560, 60, "right"
MILLISECONDS = 60  # a frame
MOST = 2 * 2**20  # bytes


def main(path: str, share: str = "1") -> None:
    photo = read_photo(Path(path))
    frames = animate(
        photo[:, : round(float(share) * photo.shape[1])],
        load_animator(),
        size=WIDTH,
        frames=FRAMES,
        wind=WIND,
        mask="sky",
        loop=True,
    )
    first, *others = (Image.fromarray(frame) for frame in frames)
    target = Path(__file__).with_name("moving.webp")
    for quality in range(80, 20, -10):  # the best that is small enough
        first.save(
            target,
            save_all=True,
            append_images=others,
            duration=MILLISECONDS,
            loop=0,
            quality=quality,
            method=6,
        )
        if target.stat().st_size <= MOST:
            print(f"{target}, quality {quality}")
            return
    raise SystemExit(f"{target} is over {MOST} bytes at any quality: another photo?")


if __name__ == "__main__":
    main(*sys.argv[1:])
