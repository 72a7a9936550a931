"""Winds in people's words: a direction for a photo, and the fields that follow.

A wind is (right, down), shares of the picture's width and height per frame of the model's clip.
Clouds that go *away* sink towards the middle of the horizon and shrink, those that come *near*
rise from it: no single vector says so, so for these the velocity is this file's own, and the model
says what moves.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ssagan_jax.animation.animator import Animator, Fields

DIRECTIONS = {"right": 0.0, "up": 90.0, "left": 180.0, "down": 270.0}  # degrees
RADIAL = {"away": 1, "near": -1}  # towards the horizon
LIVELY = 0.006  # of the width per frame: slower ones are for those who give two numbers
FASTEST = 0.1  # of the picture per frame
_HORIZON = 0.95  # of what moves lies above it
_EIGHT = ["right", "upper right", "top", "upper left"]
_EIGHT += ["left", "lower left", "bottom", "lower right"]

AnyWind = Any  # what ``parse`` takes


def parse(wind: AnyWind) -> str | float | tuple[float, float] | None:
    """A wind as people give it: ``away`` or ``near``, degrees, (right, down), or None.

    Args:
      wind: ``right``, ``left``, ``up``, ``down``, ``away`` or ``near``; degrees, from 0 (to the
        right) by 90 (up); two shares per frame, (right, down); the latter two also as text
        (``"45"``, ``"0.01,0"``). None: what the model finds likely.

    Raises:
      ValueError: it is none of these.
    """
    if wind is None or (isinstance(wind, str) and wind in RADIAL):
        return wind
    if isinstance(wind, str) and wind in DIRECTIONS:
        return DIRECTIONS[wind]
    try:
        numbers = wind.split(",") if isinstance(wind, str) else np.ravel(wind)
        given = tuple(float(number) for number in numbers)
    except (TypeError, ValueError):
        raise _no_direction(wind) from None
    if len(given) not in (1, 2) or not all(map(math.isfinite, given)):
        raise _no_direction(wind)
    if len(given) == 1:
        return given[0]
    if not 0 < math.hypot(*given) <= FASTEST:
        raise ValueError(
            f"A wind of two numbers is (right, down), shares of the picture per frame, up to "
            f"{FASTEST} and not 0, got {wind!r}."
        )
    return given[0], given[1]


@dataclass(frozen=True)
class Blown:
    """How a photo moves in a wind.

    Attributes:
      fields: of one photo: those of ``Animator.fields`` without the axis of the batch.
      radial: ``away`` or ``near``, which the velocity is then; None: the wind is one vector.
      words: what the wind is, for people; None: the model takes none.
    """

    fields: Fields
    radial: str | None = None
    words: str | None = None

    def vector(self) -> np.ndarray | None:
        """The wind for a model's own clip, float32 [2]; None: the model takes none.

        Raises:
          ValueError: it is no vector.
        """
        if self.radial:
            raise ValueError(
                f"The wind {self.radial} moves the photo's own pixels, which the size model does "
                "not show. Take another size, or another wind."
            )
        return self.fields.wind if self.words else None


def blown(
    model: Animator,
    square: np.ndarray,
    *,
    wind: AnyWind = None,
    seed: int | None = None,
    aspect: int | float,
) -> Blown | None:
    """How a photo moves in a wind; None: the model changes photos, it does not move them.

    A direction comes with the speed of the wind that the model finds likely, or draws. That one
    itself, and any direction, is made as fast as ``LIVELY``: the most likely wind of many photos is
    hardly any, and a photo that stands still is what people have already.

    Args:
      square: uint8 [S, S, 3], the photo squeezed to the model's size.
      wind: as in ``parse``.
      seed: draws a wind instead of the likely one; None: none is drawn.
      aspect: the photo's height divided by its width.

    Raises:
      ValueError: the wind is none, or the model takes none.
    """
    asked = parse(wind)
    if asked is not None and not (model.takes_wind and model.has_fields):
        raise ValueError(
            "This model takes no wind: which way things move is its own choice. Leave the wind "
            "out, or take a model that was trained with it (configs/wind.py)."
        )
    if not model.has_fields:
        return None
    if isinstance(asked, tuple):
        return _in_wind(model, square, aspect, asked)
    likely = _of_photo(model, square, seed=seed)
    if not model.takes_wind:
        return Blown(likely)
    found = math.hypot(likely.wind[0], likely.wind[1] * aspect)
    if asked is None and found >= LIVELY:
        return Blown(likely, words=described(likely.wind, aspect))
    if asked is None:
        lively = likely.wind * (LIVELY / found) if found else (LIVELY, 0.0)
        return _in_wind(model, square, aspect, lively)
    speed = max(LIVELY, found)
    if isinstance(asked, str):
        velocity = RADIAL[asked] * radial(likely.mask, speed=speed, aspect=aspect)
        words = f"{_percent(speed)} on average, {asked}"
        return Blown(likely._replace(velocity=velocity), asked, words)
    turned = math.radians(asked)
    vector = speed * math.cos(turned), -speed * math.sin(turned) / aspect
    return _in_wind(model, square, aspect, vector)


def radial(
    mask: Float[np.ndarray, "s s"], *, speed: int | float, aspect: int | float
) -> Float[np.ndarray, "s s 2"]:
    """The velocity of clouds that go away: to the middle of the horizon, slower as they near it.

    A layer of clouds at one height, seen in perspective: the speed falls with the square of the
    height above the horizon, which is the lower edge of what moves.

    Args:
      mask: what moves.
      speed: the mean over what moves, as a share of the width per frame.
      aspect: of the photo, as in ``fields``.
    """
    rows, columns = mask.shape
    heights = np.cumsum(mask.sum(axis=1)) / max(float(mask.sum()), 1e-6)
    horizon = (np.searchsorted(heights, _HORIZON) + 1) / rows
    across, down = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    above = np.maximum(horizon - down, 0)
    field = above[..., None] * np.stack([0.5 - across, above], axis=-1)
    pace = np.hypot(field[..., 0], field[..., 1] * aspect)
    mean = (pace * mask).sum() / max(float(mask.sum()), 1e-6)
    return (field * (speed / mean if mean > 0 else 0.0)).astype(np.float32)


def described(wind: Float[np.ndarray, "2"], aspect: int | float) -> str:
    """A wind for people, as it is on a photo of this aspect (height divided by width)."""
    right, up = float(wind[0]), -float(wind[1]) * aspect
    degrees = round(math.degrees(math.atan2(up, right))) % 360
    name = _EIGHT[round(degrees / 45) % 8]
    return f"{_percent(math.hypot(right, up))}, to the {name} ({degrees} degrees)"


def _percent(speed: float) -> str:
    return f"{100 * speed:.2g} % of the width a frame"


def _in_wind(model, square, aspect, vector):
    found = _of_photo(model, square, wind=np.array([vector], np.float32))
    return Blown(found, words=described(found.wind, aspect))


def _of_photo(model, square, **choice):
    return Fields(*(values[0] for values in model.fields(square[None], **choice)))


def _no_direction(wind: object) -> ValueError:
    names = ", ".join([*DIRECTIONS, *RADIAL])
    return ValueError(
        f"A wind is {names}, degrees (0: to the right, 90: up), or two shares of the picture per "
        f"frame (right, down), got {wind!r}."
    )
