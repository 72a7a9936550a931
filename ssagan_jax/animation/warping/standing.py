"""Thin things before the sky, which no coarse mask knows of: masts, wires, ropes, branches, stalks.

They hang together with what stands still or with the photo's border, and they are either narrow and
much less blue than the sky around; or very narrow, long and straight, of any colour, and stand out
much more sharply than the sky's own texture around. Clouds are wide, or soft, or hang in the air.

What is no line but stands, too, is found by ``objects.py``.
"""

import cv2
import numpy as np
from jaxtyping import Bool, UInt8

from ssagan_jax.animation.warping import objects
from ssagan_jax.io.photo_files import Photo

_WIDEST = 0.02  # of the long side
_UNSURE = (0.2, 0.35)  # of the blue of the sky around: what is missing of it
_GAP = 5  # pixels: what is nearer than that hangs together
_DARK = 24  # grey levels: of these a share says little

_FINEST = 0.004  # of the long side: the widest of lines of any colour
_SEEN = 0.75  # pixels: what is narrower is not told from the edges of clouds
_STRONG = 10  # grey levels by which they stand out at least
_OWN, _AROUND = 4.0, 10  # times the mean around does so; widths: how far that is
_STRAIGHT = 0.4  # of 1, which is one direction only
_LONG, _SLENDER = 6, 4.0  # widths: the least length; the most of area over length
_ACROSS = 0.25  # of the long side: the least length of those that touch the photo's border alone
_ON = 5  # widths: so far a line is followed where it is half as strong

Alpha = UInt8[np.ndarray, "h w"]


def without_thin(photo: Photo, alpha: Alpha) -> Alpha:
    """What moves, without thin things before it that stand.

    Args:
      alpha: 255 where all moves, 0 where the photo stands still.
    """
    missing = _missing_blue(photo)
    sure = cv2.inRange(missing, _UNSURE[1], 1.0)
    standing = cv2.max(sure, cv2.inRange(alpha, 0, 127))
    thin = np.where(_hangs_together(standing, alpha), sure, 0).astype(np.uint8)
    near = cv2.dilate(thin, np.ones((5, 5), np.uint8)) > 0
    share = np.clip((missing - _UNSURE[0]) / (_UNSURE[1] - _UNSURE[0]), 0, 1)
    left = np.where(near, np.round(255 * (1 - share)), 255).astype(np.uint8)
    alpha = cv2.min(alpha, left)
    return cv2.min(cv2.min(alpha, _beside_lines(photo, alpha)), objects.beside(photo, alpha))


def _missing_blue(photo: Photo) -> np.ndarray:
    """How much less blue than around: a share of what is there, float32 [h, w]."""
    blue = cv2.medianBlur(np.ascontiguousarray(photo[..., 2]), 3)
    width = max(3, round(_WIDEST * max(blue.shape)))
    around = cv2.morphologyEx(blue, cv2.MORPH_CLOSE, np.ones((width, width), np.uint8))
    around = around.astype(np.float32)
    return (around - blue) / (around + _DARK)


def _hangs_together(standing: np.ndarray, alpha: Alpha) -> Bool[np.ndarray, "h w"]:
    """Which of what may be standing is connected with what surely is, or with the border."""
    nearly = cv2.dilate(standing, np.ones((_GAP, _GAP), np.uint8))
    _, labels = cv2.connectedComponents(nearly, connectivity=8)
    held = np.zeros(labels.max() + 1, bool)
    border = [labels[0], labels[-1], labels[:, 0], labels[:, -1]]
    held[np.unique(labels[alpha < 128])] = True
    held[np.unique(np.concatenate(border))] = True
    held[0] = False
    return held[labels]


def _beside_lines(photo: Photo, alpha: Alpha) -> Alpha:
    """255, and 0 on thin lines of any colour and two pixels around them.

    In a small photo none is looked for: there the edges of clouds are as sharp and narrow.
    """
    finest = _FINEST * max(alpha.shape)
    if finest < _SEEN:
        return np.full_like(alpha, 255)
    width = max(5, round(finest))
    window = np.ones((width, width), np.uint8)
    standing = cv2.inRange(alpha, 0, 127)
    lines = np.zeros_like(alpha)
    for paler_or_darker in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        red, green, blue = cv2.split(cv2.morphologyEx(photo, paler_or_darker, window))
        sharp = cv2.subtract(cv2.max(cv2.max(red, green), blue), standing)
        limit = _limit(sharp, standing, width)
        straight = _straight(sharp, width)
        strong = cv2.min(cv2.compare(sharp, limit, cv2.CMP_GT), straight)
        found = _long_and_held(cv2.dilate(strong, window), standing, width)
        weak = cv2.min(cv2.compare(sharp, limit // 2, cv2.CMP_GT), cv2.max(found, straight))
        for _ in range(_ON):
            found = cv2.min(weak, cv2.dilate(found, window))
        lines = cv2.max(lines, found)
    return cv2.bitwise_not(cv2.blur(cv2.dilate(lines, np.ones((7, 7), np.uint8)), (3, 3)))


def _straight(sharp: Alpha, width: int) -> Alpha:
    """255 where what stands out runs in one direction, by the structure tensor."""
    step = max(1, width // 5)
    size = (-(-sharp.shape[1] // step), -(-sharp.shape[0] // step))
    small = cv2.resize(sharp, size, interpolation=cv2.INTER_AREA)
    across, down = (cv2.Sobel(small, cv2.CV_32F, x, 1 - x) for x in (1, 0))
    window = (2 * width // step + 1, 2 * width // step + 1)
    xx, yy = cv2.blur(across * across, window), cv2.blur(down * down, window)
    twice = 2 * cv2.blur(across * down, window)
    found = cv2.compare(cv2.magnitude(xx - yy, twice), _STRAIGHT * (xx + yy), cv2.CMP_GT)
    return cv2.resize(found, sharp.shape[::-1], interpolation=cv2.INTER_NEAREST)


def _limit(sharp: Alpha, standing: Alpha, width: int) -> Alpha:
    """What a line has to exceed: by the mean of what moves around."""
    height, wide = sharp.shape
    size = (max(1, wide // width), max(1, height // width))
    cells = [
        cv2.resize(x, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for x in (sharp, cv2.bitwise_not(standing))
    ]
    mean, moving = (cv2.blur(x, (_AROUND, _AROUND)) for x in cells)
    own = 255 * mean / np.maximum(moving, 13)  # 13 of 255: hardly anything
    limit = np.clip(_OWN * own, _STRONG, 255).astype(np.uint8)
    return cv2.resize(limit, (wide, height), interpolation=cv2.INTER_LINEAR)


def _long_and_held(lines: Alpha, standing: Alpha, width: int) -> Alpha:
    """The lines that are long, slender, and touch what stands still; or very long and touch the
    photo's border, where scraps of cloud do so as well.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    length = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    kept = stats[:, cv2.CC_STAT_AREA] <= _SLENDER * width * length
    kept &= length >= _LONG * width
    held, at_border = np.zeros_like(kept), np.zeros_like(kept)
    touching = cv2.dilate(standing, np.ones((3, 3), np.uint8))
    held[np.unique(labels[touching > 0])] = True
    border = [labels[0], labels[-1], labels[:, 0], labels[:, -1]]
    at_border[np.unique(np.concatenate(border))] = True
    kept &= held | (at_border & (length >= _ACROSS * max(lines.shape)))
    kept[0] = False
    return np.where(kept, 255, 0).astype(np.uint8)[labels]
