"""How far a clip is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator

from tqdm import tqdm

from ssagan_jax.io.photo_files import Photo

EVERY = 10.0  # seconds between two lines


def shown(frames: Iterable[Photo], count: int, name: str) -> Iterator[Photo]:
    """The frames, as they are taken; tells on standard error how many and what time is left.

    Args:
      count: how many there will be.
      name: of the clip.
    """
    if sys.stderr.isatty():
        yield from tqdm(frames, desc=name, total=count, unit="frame", leave=False)
        return
    start = last = time.monotonic()
    for done, frame in enumerate(frames, 1):
        yield frame
        now = time.monotonic()
        if now - last >= EVERY and done < count:
            last = now
            left = (now - start) / done * (count - done)
            _line(f"{name}: frame {done} of {count}, about {_duration(left)} left")
    _line(
        f"{name}: {count} frame{'s' if count > 1 else ''} in {_duration(time.monotonic() - start)}"
    )


def _line(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
