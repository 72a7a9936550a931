"""Small things within the sky that do not drift with it: the sun, the moon, kites, lamps, flags.

The sun and the moon are round and as white as a photo can be. Other things have colours that
nothing else in the sky has, nor anything like them: a sunset has many colours, but much of each.
"""

import cv2
import numpy as np
from jaxtyping import UInt8

from ssagan_jax.io.photo_files import Photo

_CELLS = 480  # of the long side, in which things are looked for
_WHITE = 250  # grey levels of all colours
_DISC = (0.008, 0.12)  # of the long side: its least and its largest size
_ROUND = 0.65  # of the rectangle around; the shorter side of which, over the longer
_BIN = 8  # CIELAB units, a and b: a colour
_COMMON = 0.002  # of the sky: how much of it has a common colour
_FAR = 24.0  # CIELAB units from the nearest common colour: such a colour is rare
_LEAST = 4  # cells: smaller things are stars
_GAP, _MORE = 9, 0.4  # cells within a thing; of it, around: parts of a kite are as blue as the sky
_LARGEST = 0.12  # of the long side: what is larger is no small thing

Alpha = UInt8[np.ndarray, "h w"]


def beside(photo: Photo, alpha: Alpha) -> Alpha:
    """255, and 0 on things that stand and a little around them.

    Args:
      alpha: 255 where all moves, 0 where the photo stands still.
    """
    height, width = photo.shape[:2]
    cells = min(1.0, _CELLS / max(height, width))
    size = (max(1, round(width * cells)), max(1, round(height * cells)))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    found = np.full(size[::-1], 255, np.uint8)
    _without_discs(small, found)
    _without_rare(small, cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), found)
    return cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)


def _without_discs(small: Photo, found: Alpha) -> None:
    """Writes 0 on the sun or the moon, and a tenth of it around."""
    white = cv2.inRange(small, (_WHITE,) * 3, (255,) * 3)
    _, _, stats, centres = cv2.connectedComponentsWithStats(white, connectivity=4)
    least, most = (share * max(white.shape) for share in _DISC)
    for (_, _, wide, tall, area), centre in list(zip(stats, centres, strict=True))[1:]:
        shorter, longer = sorted((int(wide), int(tall)))
        round_and_full = shorter >= _ROUND * longer and area >= _ROUND * wide * tall
        if round_and_full and max(3, least) <= shorter and longer <= most:
            where = np.round(centre).astype(int).tolist()
            cv2.circle(found, where, round(0.6 * longer), 0, cv2.FILLED)


def _without_rare(small: Photo, alpha: Alpha, found: Alpha) -> None:
    """Writes 0 on the hulls of what has rare colours, and around them."""
    inside = cv2.erode(cv2.inRange(alpha, 251, 255), np.ones((5, 5), np.uint8))
    rare = cv2.min(_rare(small, inside), inside)
    rare = cv2.morphologyEx(rare, cv2.MORPH_CLOSE, np.ones((_GAP, _GAP), np.uint8))
    shapes, _ = cv2.findContours(rare, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for shape in shapes:
        hull = cv2.convexHull(shape)
        _, _, wide, tall = cv2.boundingRect(hull)
        hull = np.round(hull + _MORE * (hull - hull.mean(axis=0))).astype(np.int32)
        if wide * tall >= _LEAST and max(wide, tall) <= _LARGEST * max(alpha.shape):
            cv2.drawContours(found, [hull], 0, 0, cv2.FILLED)
            cv2.drawContours(found, [hull], 0, 0, 5)


def _rare(small: Photo, inside: Alpha) -> Alpha:
    """255 where the colour is far from all that are common inside."""
    colours = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 1:]
    a, b = np.moveaxis(np.clip((colours + 128) // _BIN, 0, 31).astype(int), -1, 0)
    counts = np.zeros((32, 32))
    np.add.at(counts, (a[inside > 0], b[inside > 0]), 1)
    common = (counts >= max(1, _COMMON * counts.sum())).astype(np.uint8)
    if not common.any():
        return np.zeros_like(inside)
    far = _BIN * cv2.distanceTransform(1 - common, cv2.DIST_L2, 5)
    return np.where(far[a, b] > _FAR, 255, 0).astype(np.uint8)
