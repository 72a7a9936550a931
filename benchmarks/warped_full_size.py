"""How photos look when they are warped at full size: sharpness, travel, steps, what stays still.

    python benchmarks/warped_full_size.py PHOTOS [--wind=0.006] [--side=N] [--sheets=FOLDER]

PHOTOS is a folder of photos; what moves in NAME.jpg is white in NAME_mask.png (where there is
none, what ``animation.masks`` takes for the sky). Each photo is moved to the right by a share of
its width per frame, without a model, as a clip and as a loop. Prints a table in Markdown, then time
and memory at 12 megapixels, all of which moves, measured in a process of its own.
"""

import argparse
import multiprocessing
import resource
import time
from pathlib import Path

import cv2
import numpy as np

from ssagan_jax.animation import masks
from ssagan_jax.animation.rendering import output_size
from ssagan_jax.animation.warped_full_size import WarpedRenderer
from ssagan_jax.io import photo_files

SIZE = 64  # of the fields
CLIP, LOOP = 24, 25  # frames
COLUMNS = ["photo", "pixels", "sharpness", "in fades", "travel", "first", "last", "largest",
           "loop: largest", "loop: seam", "still", "s a frame"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="a folder")
    parser.add_argument("--wind", type=float, default=0.006, help="of the width per frame")
    parser.add_argument("--sheets", type=Path, help="writes NAME.png there: frames of the loop")
    parser.add_argument("--side", type=int, help="reduces photos to so many pixels at most")
    parser.add_argument("--only", default="", help="photos whose names begin so")
    options = parser.parse_args()
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    for path in sorted(options.photos.glob(f"{options.only}*.jpg")):
        row = measure(path, options.wind, options.sheets, options.side)
        print("| " + " | ".join(row) + " |", flush=True)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.apply(at_12_megapixels))


def measure(path: Path, wind: float, sheets: Path | None, side: int | None) -> list[str]:
    photo = photo_files.read_photo(path)
    height, width = output_size(*photo.shape[:2], max_side=side or max(photo.shape))
    photo = photo_files.resize_image(photo, height, width)
    renderer = blown(photo, moving(path, photo), wind)
    start = time.perf_counter()
    clip = Scores(photo, renderer.alpha, renderer.frames(CLIP), shift=wind * width)
    loop = Scores(photo, renderer.alpha, renderer.frames(LOOP, loop=True), sheet=sheets)
    took = (time.perf_counter() - start - clip.spent - loop.spent) / (CLIP + LOOP)
    if sheets:
        photo_files.write_image(sheets / f"{path.stem}.png", loop.sheet())
    steps, around = np.array(clip.steps), np.array(loop.steps)
    usual, usual_around = np.median(steps), np.median(around)
    numbers = [
        min(clip.sharpness),
        min(loop.sharpness),
        np.median(clip.travel) / wind,
        steps[0] / usual,
        steps[-1] / usual,
        steps.max() / usual,
        around.max() / usual_around,
        loop.seam / usual_around,
    ]
    still = max(clip.still, loop.still)
    pixels = f"{photo.shape[1]} x {photo.shape[0]}"
    return [path.stem, pixels, *(f"{x:.2f}" for x in numbers), str(still), f"{took:.2f}"]


class Scores:
    """What is measured of the frames of a clip as they come.

    Attributes:
      sharpness: of what moves, each frame's, over the photo's: Laplacian energy of the luminance;
        with a ``shift`` (pixels a frame, to the right), over that of the same clouds in the photo.
      travel: to the right, each frame's, as a share of the width, by optical flow where there is
        something to see.
      steps: mean absolute difference of what moves, each frame to the next.
      seam: that of the last frame to the first.
      still: the largest change of what does not move.
      spent: seconds spent on measuring.
    """

    def __init__(self, photo, alpha, frames, *, shift=0.0, sheet=None):
        self.sharpness, self.travel, self.steps, self.still, self.spent = [], [], [], 0, 0.0
        self._small: list[np.ndarray] = []
        inside = np.where(cv2.erode(alpha, np.ones((31, 31), np.uint8)) == 255, 255, 0).astype(
            np.uint8
        )
        before, first = None, None
        for index, frame in enumerate(frames):
            start = time.perf_counter()
            self.sharpness.append(_kept(photo, frame, inside, round(index * shift)))
            changed = cv2.absdiff(frame, photo).max(axis=-1)
            self.still = max(self.still, int(changed.max(where=alpha == 0, initial=0)))
            if before is not None:
                self.steps.append(_step(before, frame, inside))
                self.travel.append(_travel(before, frame, inside))
            if sheet:
                self._small.append(photo_files.resize_image(frame, 270, 400))
            first, before = (frame if first is None else first), frame
            self.spent += time.perf_counter() - start
        self.seam = _step(before, first, inside)

    def sheet(self) -> np.ndarray:
        chosen = self._small[:: len(self._small) // 12][:12]
        return np.concatenate([np.concatenate(chosen[i : i + 4], axis=1) for i in (0, 4, 8)])


def moving(path: Path, photo: np.ndarray) -> np.ndarray:
    """What moves, float32 [SIZE, SIZE]."""
    painted = path.with_name(f"{path.stem}_mask.png")
    mask = photo_files.read_mask(painted) if painted.exists() else masks.sky(photo)
    return cv2.resize(mask, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def blown(photo: np.ndarray, mask: np.ndarray, wind: float) -> WarpedRenderer:
    velocity = mask[..., None] * np.array([wind, 0], np.float32)
    change = np.zeros((16, SIZE, SIZE, 3), np.float32)
    return WarpedRenderer(photo, velocity=velocity, mask=mask, change=change)


def at_12_megapixels() -> str:
    noise = np.random.default_rng(0).integers(0, 255, (1500, 2000, 3), np.uint8)
    photo = cv2.resize(noise, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    start = time.perf_counter()
    renderer = blown(photo, np.ones((SIZE, SIZE), np.float32), 0.006)
    prepared = time.perf_counter() - start
    start, processors = time.perf_counter(), time.process_time()
    for _ in renderer.frames(24, loop=True):
        pass
    took, used = time.perf_counter() - start, time.process_time() - processors
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return (
        f"4000 x 3000, all of it moving, in a loop: {prepared:.1f} s to prepare, "
        f"{took / 24:.2f} s a frame ({used / 24:.2f} s of processors), {most:.2f} GB at most"
    )


def _kept(photo, frame, inside, moved):
    """Laplacian energy of the frame over that of the photo, of what came from within, too."""
    width = photo.shape[1]
    both = cv2.min(np.ascontiguousarray(inside[:, moved:]), inside[:, : width - moved])
    return _energy(frame[:, moved:], both) / _energy(photo[:, : width - moved], both)


def _energy(frame, inside):
    grey = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
    curved = cv2.Laplacian(grey, cv2.CV_32F)
    return cv2.mean(cv2.multiply(curved, curved), inside)[0]


def _step(one, two, inside):
    return sum(cv2.mean(cv2.absdiff(one, two), inside)[:3]) / 3


def _travel(one, two, inside):
    """Median over the quarter of what moves with the steepest contrast across."""
    width = 480
    size = (width, round(width * one.shape[0] / one.shape[1]))
    grey = [
        cv2.resize(cv2.cvtColor(x, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
        for x in (one, two)
    ]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None)
    inside = cv2.resize(inside, size, interpolation=cv2.INTER_NEAREST) > 0
    steep = np.abs(cv2.Sobel(grey[0], cv2.CV_32F, 1, 0))
    seen = inside & (steep >= np.quantile(steep[inside], 0.75))
    return float(np.median(flow[seen][:, 0])) / width


if __name__ == "__main__":
    main()
