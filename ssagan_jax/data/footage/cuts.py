"""Where one scene ends and the next begins: cuts and cross-fades.

Scenes are told by the layout of their small frames, what is left of the greys without their
surroundings, and by their colours. Both must stay different: lightning, and the flicker of a
time-lapse's exposures, come back. In a cross-fade every frame is a mixture of one before and one
after it, which moving clouds never are.
"""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float

from ssagan_jax.data.footage import camera
from ssagan_jax.data.footage.measuring import Measured

_FLOOR = 3.0  # grey levels; less structure than this is noise
_SOLID, _MANY_SOLID = 0.2, 0.4  # of the corners: so many show that a scene goes on
_LAYOUT, _COLOUR = 0.25, 0.1  # distances of two scenes: of 1, and of the range of colours
_JUMP = 3  # times the usual distance of neighbouring frames
_AROUND, _AFTER = 8, 5  # frames; lightning is shorter
_REACH = (6, 9, 13, 18, 24)  # frames from the middle of a cross-fade to a scene of its own
_TONE = 0.08  # distance of the colours of both scenes, at least
_APART, _TONE_APART, _MIXED_APART = 0.6, 0.1, 0.17
_MIXED = 0.09  # of that, squared: what a mixture of both does not explain
_MIXED_LAYOUT = 0.7  # the same of the layouts, whose clouds move meanwhile
_MOST_FRAMES = 85  # percent of the frames that must be mixtures
_CALM, _BETWEEN = 0.12, 0.06  # shares of the second scene, before a cross-fade and from its start


class Change(NamedTuple):
    """From one scene to another: the last frame of the one, the first frame of the other."""

    last: int
    first: int


def find_changes(film: Measured) -> list[Change]:
    """All cuts and cross-fades, in order."""
    scenes = _Scenes(film)
    cuts = [
        Change(at - 1, at)
        for at in _cuts(scenes)
        if max(_solid(film, at - 1, at), default=0) < _SOLID
    ]
    fades = [
        fade
        for fade in _fades(scenes)
        if not any(fade.last <= cut.last <= fade.first for cut in cuts)
        and min(_solid(film, *_middle(fade)), default=0) < _MANY_SOLID
    ]
    return sorted(cuts + fades)


def _solid(film: Measured, last: int, first: int) -> list[float]:
    """Shares of the corners before a change that are there, looking the same, after it."""
    return [
        watched[0].solid
        for start, watched in film.motions.items()
        if start <= last and first <= start + camera.SPAN
    ]


def _middle(change: Change) -> tuple[int, int]:
    """As much of a cross-fade as the camera was watched over at once."""
    middle, most = (change.last + change.first) // 2, (camera.SPAN - camera.STRIDE) // 2
    return max(change.last, middle - most), min(change.first, middle + most)


class _Scenes:
    """Distances of a film's frames."""

    def __init__(self, film: Measured):
        grey = film.layout.astype(np.float32)
        self.layout = np.stack([one - cv2.blur(one, (9, 9)) for one in grey]) if len(grey) else grey
        self.colours = film.colours.astype(np.float32) / 255
        light = self.colours.mean((1, 2, 3), keepdims=True)
        self.tints = self.colours / np.maximum(light, 0.03)  # whatever the exposure

    def __len__(self) -> int:
        return len(self.layout)

    def layouts(self, one: np.ndarray, other: np.ndarray) -> Float[np.ndarray, "n"]:
        """Of frames of these numbers: 0 if they are the same, about 1 if nothing fits."""
        a, b = self.layout[one], self.layout[other]
        floor = _FLOOR**2 * a[0].size if len(a) else 1
        both = (a**2).sum((1, 2)) + (b**2).sum((1, 2)) + floor
        return ((a - b) ** 2).sum((1, 2)) / both

    def tones(self, one: np.ndarray, other: np.ndarray) -> Float[np.ndarray, "n"]:
        """The mean difference of their colours, of 1."""
        return np.abs(self.colours[one] - self.colours[other]).mean((1, 2, 3))


def _cuts(scenes: _Scenes) -> list[int]:
    """The first frame after each cut."""
    count = len(scenes)
    if count < 2:
        return []
    numbers = np.arange(1, count)
    layout, tone = scenes.layouts(numbers - 1, numbers), scenes.tones(numbers - 1, numbers)
    usual_layout, usual_tone = _usual(layout), _usual(tone)
    candidates = (layout > np.maximum(_LAYOUT, _JUMP * usual_layout)) | (
        (tone > np.maximum(_COLOUR, _JUMP * usual_tone)) & (layout > 0.1)
    )
    return [int(at) for at in numbers[candidates] if _stays_different(scenes, int(at))]


def _usual(distance: np.ndarray) -> np.ndarray:
    """The median distance of neighbouring frames around each, without itself."""
    padded = np.pad(distance, _AROUND, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1)
    others = np.delete(windows, _AROUND, axis=1)
    known = ~np.isnan(others).all(1)
    usual = np.zeros(len(distance))
    usual[known] = np.nanmedian(others[known], axis=1)
    return usual


def _stays_different(scenes: _Scenes, at: int) -> bool:
    """Whether no frame just before a cut looks like one just after it."""
    before = np.arange(max(0, at - _AFTER), at)
    after = np.arange(at, min(len(scenes), at + _AFTER))
    one, other = (grid.ravel() for grid in np.meshgrid(before, after))
    layout, tone = scenes.layouts(one, other), scenes.tones(one, other)
    return bool((layout > _LAYOUT).all() or ((tone > _COLOUR) & (layout > 0.1)).all())


def _fades(scenes: _Scenes) -> list[Change]:
    """Cross-fades: of those that overlap, the one that is explained best."""
    found: list[tuple[float, Change]] = []
    for reach in _REACH:
        middles = np.arange(reach, len(scenes) - reach)
        if not len(middles):
            continue
        first, last = middles - reach, middles + reach
        layout, tone = scenes.layouts(first, last), scenes.tones(first, last)
        most = np.where((layout > _APART) & (tone > _TONE_APART), _MIXED_APART, _MIXED)
        differ = (layout > _LAYOUT) & (tone > _TONE)
        for middle, limit in zip(middles[differ], most[differ], strict=True):
            error, change = _mixture(scenes, int(middle), reach, float(limit))
            if change is not None:
                found.append((error, change))
    chosen: list[Change] = []
    for _, change in sorted(found):
        if not any(change.last < other.first and other.last < change.first for other in chosen):
            chosen.append(change)
    return chosen


def _mixture(scenes: _Scenes, middle: int, reach: int, limit: float) -> tuple[float, Change | None]:
    """How badly frames around the middle are mixtures of both ends, and the cross-fade if they are.

    In a cross-fade the share of the last frame is 0, grows within, and is then 1. A camera that
    pans, or a sun that sets, changes the picture all along.
    """
    window = slice(middle - reach, middle + reach + 1)
    shares, error = _shares(scenes.tints[window])
    steps, calm = np.diff(shares), reach // 3
    fits = (
        error < limit
        and _shares(scenes.layout[window])[1] < _MIXED_LAYOUT
        and abs(shares[reach] - 0.5) < 0.12
        and shares[: calm + 1].max() < _CALM
        and shares[-1 - calm :].min() > 1 - _CALM
        and steps.max() < 0.35
        and steps.min() > -0.08
    )
    if not fits:
        return error, None
    inside = np.flatnonzero((shares > _BETWEEN) & (shares < 1 - _BETWEEN))
    start = middle - reach
    return error, Change(start + int(inside[0]) - 1, start + int(inside[-1]) + 1)


def _shares(frames: np.ndarray) -> tuple[Float[np.ndarray, "t"], float]:
    """Of each frame the share of the last one, and what no mixture of first and last explains.

    The latter as a part of the squared distance of first and last. Lightning, a frame or two, is
    passed over.
    """
    flat = frames.reshape(len(frames), -1)
    way = flat[-1] - flat[0]
    length = max(float(way @ way), 1e-9)
    shares = (flat - flat[0]) @ way / length
    rest = flat - flat[0] - shares[:, None] * way
    error = np.percentile((rest**2).sum(1), _MOST_FRAMES) / length
    return cv2.medianBlur(shares.astype(np.float32)[None], 5)[0], float(error)
