"""How a photo moves: the options of ``animate``."""

from dataclasses import dataclass

from ssagan_jax.animation import named_winds

SIZES = ("native", "model")
_SPEEDS = (0.05, 20.0)


@dataclass(frozen=True)
class Options:
    """How a photo moves: the keyword options of ``animate``, which says what they mean.

    Raises:
      ValueError: for a value that is out of range.
    """

    size: str | int = "native"
    frames: int | None = None
    speed: int | float = 1.0
    loop: bool = False
    seed: int | None = None
    side_by_side: bool = False
    wind: named_winds.AnyWind = None

    def __post_init__(self) -> None:
        if self.size not in SIZES and not (isinstance(self.size, int) and self.size >= 2):
            raise ValueError(
                f"size is {' or '.join(SIZES)}, or a number of pixels from 2, got {self.size!r}."
            )
        if self.frames is not None and self.frames < 1:
            raise ValueError(f"frames is how many to make, at least 1, got {self.frames}.")
        if not _SPEEDS[0] <= self.speed <= _SPEEDS[1]:
            raise ValueError(f"speed is from {_SPEEDS[0]} to {_SPEEDS[1]}, got {self.speed}.")
        named_winds.parse(self.wind)
