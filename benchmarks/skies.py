"""How well the sky of photos is found: intersection over union with masks made by hand.

    python benchmarks/skies.py PHOTOS [--workdir=RUN]

``skies_by_hand.json`` beside this file has the masks: polygons in per cent of a photo's width and
height (``sky``; ``before``: what stands before it; ``unsure``: twigs and mist, not scored), with
the Debian or Ubuntu package that has the photo, and its SHA-256. PHOTOS is a folder in which
those packages were unpacked (``dpkg -x``). Prints a table in Markdown: the photo alone (as for
models that do not warp), the model's mask alone, and both together (``--mask=sky``, before thin
things are taken out of it: the masks have no wires), each at the photo's outlines. Photos that are
not there are left out.
"""

import argparse
import hashlib
import json
from pathlib import Path

import cv2
import numpy as np

from ssagan_jax.animation import masks, skies
from ssagan_jax.animation.animator import Animator, load_animator
from ssagan_jax.animation.rendering import output_size
from ssagan_jax.animation.warping.grids import Grid
from ssagan_jax.animation.warping.outlines import at_outlines
from ssagan_jax.io import photo_files

COLUMNS = ["photo", "sky", "photo alone", "model alone", "both"]
SIDE = 960  # pixels: photos and masks are compared at this size
SKY, UNSURE = 255, 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="a folder")
    parser.add_argument("--workdir", help="a training run (default: the bundled model)")
    options = parser.parse_args()
    model = load_animator(options.workdir)
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    groups: dict[str, list[list[float]]] = {}
    for name, drawn in json.loads(
        Path(__file__).with_name("skies_by_hand.json").read_text()
    ).items():
        path = stored(options.photos, drawn)
        if path is None:
            print(f"| {name} | not there: {drawn['file']} of {drawn['package']} |")
            continue
        row = measure(photo_files.read_photo(path), drawn, model)
        groups.setdefault(drawn["group"], []).append(row)
        print(f"| {name} | " + " | ".join(f"{x:.2f}" for x in row) + " |", flush=True)
    groups["all"] = [row for rows in groups.values() for row in rows]
    for group, rows in groups.items():
        for word, of in (("median", np.median), ("mean", np.mean), ("lowest", np.min)):
            print(f"| {group}: {word} | " + " | ".join(f"{x:.3f}" for x in of(rows, axis=0)) + " |")


def stored(folder: Path, drawn: dict) -> Path | None:
    """The photo with the name and the SHA-256 that the mask was drawn for."""
    for path in folder.rglob(Path(drawn["file"]).name):
        if hashlib.sha256(path.read_bytes()).hexdigest() == drawn["sha256"]:
            return path
    return None


def measure(photo: np.ndarray, drawn: dict, model: Animator) -> list[float]:
    """Share of the sky, and the three scores."""
    moving = model.fields(photo_files.resize_image(photo, model.size, model.size)[None]).mask[0]
    height, width = output_size(*photo.shape[:2], max_side=SIDE)
    photo = photo_files.resize_image(photo, height, width)
    truth = painted(drawn, height, width)
    grid = Grid.of(height, width)
    alone = at_outlines(photo, moving, grid)
    both = at_outlines(photo, skies.above_the_line(photo, moving), grid)
    found_by = [by_brightness(photo), alone, both]
    return [(truth == SKY).mean(), *(overlap(mask, truth) for mask in found_by)]


def painted(drawn: dict, height: int, width: int) -> np.ndarray:
    """The mask drawn by hand: ``SKY``, ``UNSURE`` or 0."""
    mask = np.zeros((height, width), np.uint8)
    for kind, value in (("sky", SKY), ("before", 0), ("unsure", UNSURE)):
        for polygon in drawn.get(kind, []):
            corners = np.array(polygon) * [width / 100, height / 100]
            cv2.fillPoly(mask, [np.round(16 * corners).astype(np.int32)], value, shift=4)
    return mask


def by_brightness(photo: np.ndarray) -> np.ndarray:
    """The sky by the photo alone; nothing, if there is none."""
    try:
        return masks.sky(photo)
    except ValueError:
        return np.zeros(photo.shape[:2], np.uint8)


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    one, two, sure = mask > 127, truth == SKY, truth != UNSURE
    return float((one & two & sure).sum() / max(1, ((one | two) & sure).sum()))


if __name__ == "__main__":
    main()
