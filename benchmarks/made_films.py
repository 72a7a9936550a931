"""Made-up films of which everything is known: cuts, fades, pans, zooms, freezes, black, bars.

Scenes are painted (``data.source("synthetic_wind")``): a sky that moves over land that stands
still. A camera looks at a part of each, and stands, pans, zooms or shakes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from ssagan_jax import data

SIZE, FRAMES = 256, 80  # of a painted scene
HEIGHT, WIDTH = 108, 192  # of a film
STILL, MOVING = ("still",), ("pan", "slow pan", "zoom", "shake")


@dataclass
class Film:
    """A film and what is true of it.

    Attributes:
      frames: uint8 [T, H, W, 3].
      cuts: first and last frame of each change of scene: between a cut's two frames, over a fade.
      good: of each frame whether it may be used: the camera stands, it is not black nor frozen,
        and it belongs to one scene.
    """

    frames: np.ndarray
    cuts: list[tuple[int, int]] = field(default_factory=list)
    good: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))


@cache
def scene(number: int) -> np.ndarray:
    """A painted scene, uint8 [80, 256, 256, 3]."""
    source = data.source("synthetic_wind", split="train", size=SIZE, frames=FRAMES, seed=977)
    return source[number]["clip"]


def scenes(first: int = 24, candidates: int = 24) -> list[int]:
    """The numbers of those in which something stands: 6 % of the picture are still edges."""
    return [
        number for number in range(first, first + candidates) if _standing(scene(number)) >= 0.06
    ]


def _standing(clip: np.ndarray) -> float:
    greys = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clip[::8]])
    mean = greys.mean(0, dtype=np.float32)
    edges = np.hypot(cv2.Sobel(mean, cv2.CV_32F, 1, 0), cv2.Sobel(mean, cv2.CV_32F, 0, 1)) / 4
    return float(((greys.std(0) < 2.5) & (edges > 8)).mean())


def film(seed: int, *, scenes: Sequence[int], parts: int = 6) -> Film:
    """A film of some parts, drawn by a seed, of scenes of these numbers."""
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(list(scenes))
    frames: list[np.ndarray] = []
    good: list[bool] = []
    cuts: list[tuple[int, int]] = []
    for part in range(parts):
        camera = str(rng.choice(STILL * 3 + MOVING))
        clip = _filmed(scene(int(numbers[part % len(numbers)])), camera, rng)
        fine = np.full(len(clip), camera in STILL)
        clip, fine = _happening(clip, fine, rng)
        if not frames:
            frames, good = list(clip), list(fine)
            continue
        join = str(rng.choice(["cut", "cut", "dissolve", "black", "fade"]))
        start = len(frames) - 1
        if join == "dissolve":
            length = int(rng.integers(8, 25))
            share = (np.arange(1, length + 1) / (length + 1))[:, None, None, None]
            mixed = np.stack(frames[-length:]) * (1 - share) + clip[:length] * share
            frames[-length:] = list(np.rint(mixed).astype(np.uint8))
            good[-length:] = [False] * length
            cuts.append((start - length, start + 1))
            clip, fine = clip[length:], fine[length:]
        elif join == "cut":
            cuts.append((start, start + 1))
        else:
            black = np.zeros((int(rng.integers(6, 20)), HEIGHT, WIDTH, 3), np.uint8)
            first = start
            if join == "fade":
                length = int(rng.integers(8, 20))
                down = np.linspace(1, 0, length)[:, None, None, None]
                frames[-length:] = list(np.rint(np.stack(frames[-length:]) * down).astype(np.uint8))
                clip = clip.copy()
                clip[:length] = np.rint(clip[:length] * down[::-1]).astype(np.uint8)
                good[-length:], fine[:length] = [False] * length, False
                first = start - length
                cuts.append((first, start + len(black) + length))
            else:
                cuts.append((first, start + len(black) + 1))
            frames += list(black)
            good += [False] * len(black)
        frames += list(clip)
        good += list(fine)
    return Film(_finished(np.stack(frames), rng), cuts, np.array(good))


def _filmed(painted: np.ndarray, camera: str, rng: np.random.Generator) -> np.ndarray:
    """What a camera sees of a painted scene, some 40 to 80 frames."""
    length = int(rng.integers(40, len(painted) + 1))
    room = np.array([SIZE - WIDTH, SIZE - HEIGHT])
    low = np.array([0, 0.6 * room[1]])  # the land stays in view
    room = room - low
    places = np.tile(rng.uniform(0, room), (length, 1))
    zooms = np.ones(length)
    steps = np.arange(length)[:, None]
    if camera in ("pan", "slow pan"):
        fast = rng.uniform(0.004, 0.01) if camera == "pan" else rng.uniform(0.0012, 0.003)
        angle = rng.uniform(-0.4, 0.4) + rng.integers(2) * np.pi
        way = WIDTH * fast * length * np.array([np.cos(angle), np.sin(angle)])
        way *= min(1, *(room / np.maximum(np.abs(way), 1e-6)))
        start = np.where(way > 0, rng.uniform(0, 1, 2) * (room - np.abs(way)), 0)
        start = np.where(way <= 0, np.abs(way) + rng.uniform(0, 1, 2) * (room - np.abs(way)), start)
        places = start + way * steps / max(1, length - 1)
    elif camera == "zoom":
        zooms = 1 + rng.uniform(0.0015, 0.004) * steps[:, 0]
        zooms = zooms[:: int(rng.choice([-1, 1]))]
    elif camera == "shake":
        drift = np.cumsum(rng.normal(0, 1, (length, 2)), 0)
        places = places + rng.uniform(0.6, 1.5) * (drift - drift.mean(0))
    flipped = painted[:, :, :: int(rng.choice([-1, 1]))]
    seen = [_seen(*view) for view in zip(flipped[:length], places + low, zooms, strict=True)]
    grain = rng.normal(0, rng.uniform(0.3, 2), (length, HEIGHT, WIDTH, 1))
    return np.rint(np.stack(seen) + grain).clip(0, 255).astype(np.uint8)


def _seen(picture: np.ndarray, place: np.ndarray, zoom: float) -> np.ndarray:
    centre = np.array([WIDTH, HEIGHT]) / 2
    shift = place + centre - centre / zoom
    turn = np.array([[1 / zoom, 0, shift[0]], [0, 1 / zoom, shift[1]]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        picture, turn, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REFLECT
    )


def _happening(
    clip: np.ndarray, fine: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What happens within a part, if anything: a freeze, lightning, flicker, duplicates, ..."""
    event = str(rng.choice(["", "", "freeze", "lightning", "flicker", "sunrise", "duplicates"]))
    clip, fine = clip.copy(), fine.copy()
    if event == "freeze":
        at, length = int(rng.integers(10, len(clip) - 10)), int(rng.integers(12, 30))
        frozen = np.repeat(clip[at : at + 1], length, 0)
        clip = np.concatenate([clip[:at], frozen, clip[at:]])
        fine = np.concatenate([fine[:at], np.zeros(length, bool), fine[at:]])
    elif event == "lightning":
        for at in rng.integers(5, len(clip) - 5, 2):
            flash = clip[at : at + 2] * rng.uniform(1.5, 2.5) + rng.uniform(20, 60)
            clip[at : at + 2] = flash.clip(0, 255).astype(np.uint8)
    elif event in ("flicker", "sunrise"):
        gains = rng.uniform(0.85, 1.15, len(clip)) if event == "flicker" else None
        gains = np.linspace(0.35, 1.1, len(clip)) if gains is None else gains
        clip = (clip * gains[:, None, None, None]).clip(0, 255).astype(np.uint8)
    elif event == "duplicates":
        clip = np.repeat(clip[: len(clip) // 2], 2, 0)
        fine = fine[: len(clip)].copy()
        fine[1::2] = False
    return clip, fine


def _finished(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With bars, or without."""
    frames = frames.copy()
    if rng.random() < 0.3:
        bar = int(rng.integers(6, 16))
        frames[:, :bar], frames[:, -bar:] = 0, 0
    return frames
