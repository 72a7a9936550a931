"""How well ``ssagan data build video_folder --prepare`` finds cuts, and footage that stands still.

    python benchmarks/footage.py [--films=30] [--first-seed=7000] [--first-scene=48]

Made-up films (``benchmarks/made_films.py``) of which everything is known. A cut counts as found if
a change is reported that overlaps it, give or take two frames; what is kept is counted by frames.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator

import cv2
import numpy as np

from benchmarks import made_films
from ssagan_jax.data.footage.cuts import Change, find_changes
from ssagan_jax.data.footage.measuring import Look, Measured, measure, small_size, wants_full
from ssagan_jax.data.footage.stretches import BLACK, STILL, Steps, find_stretches

FPS, TOLERANCE = 25, 2
STEPS = Steps(cuts=True, drop_frozen=True, crop_bars=True, still_camera=STILL)


def looks(frames: np.ndarray) -> Iterator[Look]:
    """A film as it is measured."""
    height, width = small_size(*frames[0].shape[:2])
    for number, frame in enumerate(frames):
        small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        start, end = number / FPS, (number + 1) / FPS
        yield Look(start, end, start, small, frame if wants_full(number) else None)


def count_cuts(film: made_films.Film, seen: Measured) -> Counter:
    """Cuts found, missed and made up; one through black is found if the black is."""
    changes, black = find_changes(seen), seen.bright < BLACK
    counts: Counter = Counter()
    for first, last in film.cuts:
        found = black[first : last + 1].sum() > TOLERANCE or any(
            _meets(change, first, last) for change in changes
        )
        counts["found" if found else "missed"] += 1
    counts["made up"] = sum(
        not any(_meets(change, *cut) for cut in film.cuts) for change in changes
    )
    return counts


def count_frames(film: made_films.Film, seen: Measured) -> Counter:
    """Frames that are rightly kept, wrongly kept and wrongly left out."""
    kept = np.zeros(len(seen), bool)
    for stretch in find_stretches(seen, STEPS):
        if stretch.kept:
            kept[stretch.first : stretch.first + stretch.frames] = True
            kept[[stretch.first + number for number in stretch.twice]] = False
    right = int((kept & film.good).sum())
    return Counter(
        {"found": right, "made up": int(kept.sum()) - right, "missed": int(film.good.sum()) - right}
    )


def report(name: str, counts: Counter) -> str:
    """A row of the table."""
    precision = counts["found"] / max(1, counts["found"] + counts["made up"])
    recall = counts["found"] / max(1, counts["found"] + counts["missed"])
    total = counts["found"] + counts["missed"]
    return f"| {name} | {total:,} | {precision:.3f} | {recall:.3f} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=7000)
    parser.add_argument("--first-scene", type=int, default=48, help="0 to 47 chose thresholds")
    options = parser.parse_args()
    scenes = made_films.scenes(options.first_scene)
    cuts, frames, total, seconds = Counter(), Counter(), 0, 0.0
    for seed in range(options.first_seed, options.first_seed + options.films):
        film = made_films.film(seed, scenes=scenes)
        start = time.perf_counter()
        seen = measure(looks(film.frames))
        cuts += count_cuts(film, seen)
        frames += count_frames(film, seen)
        seconds += time.perf_counter() - start
        total += len(film.frames)
    print(f"{options.films} films, {total:,} frames, {1000 * seconds / total:.1f} ms a frame\n")
    print("| what | number | precision | recall |\n|---|---|---|---|")
    print(report("cuts, cross-fades, fades through black", cuts))
    print(report("frames that may be used", frames))


def _meets(change: Change, first: int, last: int) -> bool:
    return change.last <= last + TOLERANCE and change.first >= first - TOLERANCE


if __name__ == "__main__":
    main()
