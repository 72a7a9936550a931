"""The stretches of a film: which are kept, and why the others are not."""

from dataclasses import dataclass, field

import numpy as np

from ssagan_jax.data.footage import camera
from ssagan_jax.data.footage.bars import Box, find_box
from ssagan_jax.data.footage.cuts import Change, find_changes
from ssagan_jax.data.footage.measuring import Measured
from ssagan_jax.data.footage.steadying import Steady, steady

MIN_FRAMES = 8  # of a stretch that is kept
STILL = 0.01  # of the width: how far a camera that stands still may move over 32 frames
BLACK, FLAT = 16, 2.0  # grey levels: of the brightest pixels; standard deviation
_PAUSE = 6  # frames alike in a row that are a freeze; fewer are duplicates
_EQUAL = 0.05  # grey levels by which the block that changes most differs from a duplicate
_RAMP, _FADE = 40, 0.025  # frames of a fade to black, and what share of its light each loses
_AGREE = 2  # watches that must say that the camera moves
_KNOWN = 0.1  # share of a scene's watches that must know what the camera does
_PAUSE_OF_CAMERA, _JERK = 24, 12  # frames: shorter ones of either are not told apart

GOOD = ""
MOVES, FROZEN, DARK, MIXED = "the camera moves", "frozen", "black or empty", "a fade"


@dataclass(frozen=True)
class Steps:
    """What is done to footage.

    Attributes:
      cuts: cuts it where scenes change.
      drop_frozen: drops what is black, empty or frozen, and frames that come twice.
      crop_bars: crops black bars.
      stabilise: holds still what shakes a little, and keeps it.
      still_camera: keeps where the camera moves by less than this share of the width over 32
        frames; None: also where it moves more.

    Raises:
      ValueError: a share out of range.
    """

    cuts: bool = False
    drop_frozen: bool = False
    crop_bars: bool = False
    still_camera: float | None = None
    stabilise: bool = False

    def __post_init__(self) -> None:
        if self.still_camera is not None and not 0 < self.still_camera <= 1:
            raise ValueError(
                "still_camera is a share of a picture's width over 32 frames, above 0 and at most "
                f"1, such as {STILL}; got {self.still_camera}."
            )

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return self.cuts or self.drop_frozen or self.crop_bars or self.still_camera is not None


@dataclass(frozen=True)
class Stretch:
    """Consecutive frames of a film.

    Attributes:
      first: number of the first frame.
      frames: how many.
      start: seconds, of the first frame.
      end: seconds, when the last frame ends.
      since: seconds, the time stamp of the first frame; of what is resampled, ``start`` or earlier.
      reason: why it is left out; empty: it is kept.
      twice: of those frames the ones that are left out as duplicates, counted from ``first``.
      box: the picture within bars; None: all of it.
      steady: how it is held still; None: it is as it is.
    """

    first: int
    frames: int
    start: float
    end: float
    since: float
    reason: str = GOOD
    twice: frozenset[int] = frozenset()
    box: Box | None = None
    steady: Steady | None = field(default=None, compare=False)

    @property
    def kept(self) -> bool:
        """Whether it goes into the data set."""
        return not self.reason


def find_stretches(film: Measured, steps: Steps) -> list[Stretch]:
    """All stretches of a film, in order, without a gap."""
    if not len(film):
        return []
    labels = np.full(len(film), GOOD, object)
    dark = (film.bright < BLACK) | (film.spread < FLAT)
    changes = _outside(find_changes(film), dark) if steps.cuts else []
    for change in changes:
        labels[change.last + 1 : change.first] = MIXED
    if steps.drop_frozen:
        labels[_frozen(film)] = FROZEN
        labels[dark] = DARK
    if steps.cuts:
        labels[_ramps(film, dark) & (labels == GOOD)] = MIXED
    cuts = [change.first for change in changes]
    if steps.still_camera is not None:
        within = (labels == GOOD) | (labels == FROZEN)  # one scene goes on after a freeze
        for start, end in _runs(within, cuts):
            moving = _moving(film, labels, start, end, steps.still_camera)
            labels[start:end][moving & (labels[start:end] == GOOD)] = MOVES
    starts = _starts(labels, cuts)
    ends = [*starts[1:], len(film)]
    return [
        _stretch(film, steps, start, end, labels[start])
        for start, end in zip(starts, ends, strict=True)
    ]


def _outside(changes: list[Change], dark: np.ndarray) -> list[Change]:
    """Without those from or to black, which has a label of its own."""
    return [one for one in changes if not dark[max(0, one.last - 2) : one.first + 3].any()]


def _starts(labels: np.ndarray, cuts: list[int]) -> list[int]:
    changes = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    return sorted({0, *changes.tolist(), *(cut for cut in cuts if cut < len(labels))})


def _frozen(film: Measured) -> np.ndarray:
    """Frames of a run that looks like its first frame for ``_PAUSE`` frames or more."""
    marked = np.zeros(len(film), bool)
    for number in np.flatnonzero(film.frozen >= _PAUSE):
        marked[number - film.frozen[number] + 1 : number + 1] = True
    return marked


def _ramps(film: Measured, dark: np.ndarray) -> np.ndarray:
    """Frames that get darker and darker to black, or brighter and brighter from it."""
    light = film.colours.mean((1, 2, 3))
    marked = np.zeros(len(film), bool)
    for step in (-1, 1):
        for edge in np.flatnonzero(dark):
            at = int(edge) + step
            while 0 < at < len(film) - 1 and not dark[at] and abs(at - edge) <= _RAMP:
                if light[at] > (1 - _FADE) * light[at + step]:
                    break
                marked[at] = True
                at += step
    return marked


def _runs(marked: np.ndarray, cuts: list[int]) -> list[tuple[int, int]]:
    """First frame and end of each run of marked frames of one scene."""
    starts = _starts(marked, cuts)
    ends = [*starts[1:], len(marked)]
    return [run for run in zip(starts, ends, strict=True) if marked[run[0]]]


def _moving(film: Measured, labels: np.ndarray, start: int, end: int, limit: float) -> np.ndarray:
    """Of each frame of a scene, whether most of what was seen over it says that the camera moves.

    Where nothing is known, as close to a cut, it does what it does next to that; where hardly
    anything is, it is taken to stand.
    """
    votes, seen = np.zeros(end - start), np.zeros(end - start, bool)
    verdicts = []
    for first, watched in film.motions.items():
        last = first + camera.SPAN
        if start <= first and last < end and (labels[first : last + 1] == GOOD).all():
            steps = int((film.changed[first + 1 : last + 1] >= _EQUAL).sum())
            verdict = camera.verdict(watched, limit, steps)
            verdicts.append(verdict)
            votes[first - start : last - start + 1] += verdict
            seen[first - start : last - start + 1] |= verdict != 0
    moves, known = verdicts.count(1), np.count_nonzero(verdicts)
    if moves < max(1, min(_AGREE, len(verdicts) // 2)) or known < _KNOWN * len(verdicts):
        return np.zeros(end - start, bool)
    places = np.flatnonzero(seen)
    nearest = places[np.abs(np.arange(end - start)[:, None] - places).argmin(1)]
    return _closed((votes > 0)[nearest])


def _closed(moving: np.ndarray) -> np.ndarray:
    """Without pauses, and without jerks, that are too short to be told."""
    moving = moving.copy()
    for value, fewest in ((False, _PAUSE_OF_CAMERA), (True, _JERK)):
        edges = np.flatnonzero(np.diff(np.concatenate([[not value], moving, [not value]])))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            if last - first < min(fewest, len(moving)):
                moving[first:last] = not value
    return moving


def _stretch(film: Measured, steps: Steps, start: int, end: int, label: str) -> Stretch:
    twice: frozenset[int] = frozenset()
    if label == GOOD and steps.drop_frozen:
        equal = np.flatnonzero(film.changed[start:end] < _EQUAL)
        twice = frozenset(int(number) for number in equal if number)
    box = None
    if steps.crop_bars:
        box = find_box([film.borders[n] for n in range(start, end) if n in film.borders])
    held = None
    if label == MOVES and steps.stabilise:
        held = steady(film.turns[start:end], *film.size)
        label = label if held is None else GOOD
    left = end - start - len(twice)
    if label == GOOD and left < MIN_FRAMES and steps.any:
        label = f"only {left} frames"
    times = float(film.times[start]), float(film.times[end]), float(film.since[start])
    return Stretch(start, end - start, *times, label, twice, box, held)
