"""How well the sky of photos is found: intersection over union with masks made by hand.

    python benchmarks/skies.py PHOTOS [--workdir=RUN]

PHOTOS is a folder of photos; the sky of NAME.jpg is white in NAME_mask.png, which may be smaller.
Prints a table in Markdown: the photo alone (as for models that do not warp), the model's mask
alone, and both together (``--mask=sky``), each at the photo's outlines.
"""

import argparse
from pathlib import Path

import numpy as np

from ssagan_jax.animation import masks, skies
from ssagan_jax.animation.animator import Animator, load_animator
from ssagan_jax.animation.warping.grids import Grid
from ssagan_jax.animation.warping.outlines import at_outlines
from ssagan_jax.io import photo_files

COLUMNS = ["photo", "sky", "photo alone", "model alone", "both"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="a folder")
    parser.add_argument("--workdir", help="a training run (default: the bundled model)")
    options = parser.parse_args()
    model = load_animator(options.workdir)
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    rows = []
    for painted in sorted(options.photos.glob("*_mask.png")):
        name = painted.stem.removesuffix("_mask")
        rows.append(measure(painted.with_name(f"{name}.jpg"), painted, model))
        print(f"| {name} | " + " | ".join(f"{x:.2f}" for x in rows[-1]) + " |", flush=True)
    print("| median | " + " | ".join(f"{x:.3f}" for x in np.median(rows, axis=0)) + " |")


def measure(path: Path, painted: Path, model: Animator) -> list[float]:
    """Share of the sky, and the three scores."""
    truth = photo_files.read_mask(painted) > 127
    photo = photo_files.read_photo(path)
    moving = model.fields(photo_files.resize_image(photo, model.size, model.size)[None]).mask[0]
    photo = photo_files.resize_image(photo, *truth.shape)
    alone = at_outlines(photo, moving, Grid.of(*truth.shape))
    found_by = [found(masks.sky, photo), alone, found(skies.sky, photo, moving)]
    return [truth.mean(), *(overlap(mask > 127, truth) for mask in found_by)]


def found(find, photo: np.ndarray, *given) -> np.ndarray:
    """What ``find`` finds; nothing, if it finds none."""
    try:
        return find(photo, *given)
    except ValueError:
        return np.zeros(photo.shape[:2], np.uint8)


def overlap(one: np.ndarray, two: np.ndarray) -> float:
    return float((one & two).sum() / max(1, (one | two).sum()))


if __name__ == "__main__":
    main()
