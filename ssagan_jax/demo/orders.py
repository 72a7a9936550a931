"""What a visitor may ask for: numbers from a query string, each in its range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from ssagan_jax.animation import named_winds

FPS = 25
SPEEDS = (0.25, 3.0)
SECONDS = (1.0, 10.0)
SEEDS = (0, 2**31 - 1)
EVERYTHING, SKY, PAINTED = "everything", "sky", "painted"
MOVES = (EVERYTHING, SKY, PAINTED)


class Refused(Exception):
    """A request that is answered by one line of text.

    Attributes:
      status: of HTTP.
      retry_after: seconds, where waiting helps.
    """

    def __init__(self, status: int, text: str, *, retry_after: int | None = None):
        super().__init__(text)
        self.status, self.retry_after = status, retry_after


@dataclass(frozen=True)
class Order:
    """How one clip shall be.

    Attributes:
      speed: of the motion.
      seconds: how long the clip is.
      seed: of the noise, for models that draw any.
      moves: one of ``MOVES``.
      mask_bytes: how many bytes at the end of the body are the painted mask, a PNG.
      wind: as ``named_winds.parse`` takes it; "": the likely one.
      live: no clip, but what the page needs to blow the photo itself.
    """

    speed: int | float = 1.0
    seconds: int | float = 4.0
    seed: int = 0
    moves: str = EVERYTHING
    mask_bytes: int = 0
    wind: str = ""
    live: bool = False

    @property
    def frames(self) -> int:
        """Even, so that every second one is a loop as well."""
        return 2 * round(self.seconds * FPS / 2)


def parse_order(query: Mapping[str, str]) -> Order:
    """The order of a query string's values.

    Raises:
      Refused: 400, naming what is wrong and what was expected.
    """
    if unknown := set(query) - {field.name for field in fields(Order)}:
        raise Refused(400, f"Unknown option {min(unknown)[:40]!r}.")
    moves = query.get("moves", EVERYTHING)
    if moves not in MOVES:
        raise Refused(400, f"moves is {', '.join(MOVES[:-1])} or {MOVES[-1]}, got {moves[:40]!r}.")
    order = Order(
        speed=_number(query, "speed", SPEEDS, float, Order.speed),
        seconds=_number(query, "seconds", SECONDS, float, Order.seconds),
        seed=_number(query, "seed", SEEDS, int, Order.seed),
        moves=moves,
        mask_bytes=_number(query, "mask_bytes", (0, 2**40), int, 0),
        wind=_wind(query.get("wind", "")),
        live=bool(_number(query, "live", (0, 1), int, 0)),
    )
    if (moves == PAINTED) != (order.mask_bytes > 0):
        raise Refused(400, f"mask_bytes goes with moves={PAINTED}, and only with it.")
    return order


def _wind(text: str) -> str:
    try:
        named_winds.parse(text or None)
    except ValueError as error:
        raise Refused(400, str(error)[:300]) from error
    return text


def _number(query, name, between, kind, default):
    text = query.get(name)
    if text is None:
        return default
    low, high = between
    try:
        # int() and float() take underscores and more digits than anyone needs.
        value = kind(text) if len(text) <= 20 and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise Refused(400, f"{name} is a number from {low} to {high}, got {text[:40]!r}.")
    return value
