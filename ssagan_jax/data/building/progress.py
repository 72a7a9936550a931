"""The progress bar of a build: shots, the time that is left, frames a second."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

from tqdm import tqdm

# Called with what happened, and with what: ("shot", its id) as reading it begins, ("frames",
# their number) as they are read, ("done" or "kept", number of shots) at the end of a group.
Report: TypeAlias = Callable[[str, str | int], None]


class Progress:
    """A bar over ``shots`` shots; shown on a terminal only. A context manager."""

    def __init__(self, name: str, shots: int) -> None:
        # By time alone (miniters=0): a long shot shows how it goes on, too.
        self._bar = tqdm(total=shots, desc=name, unit="shot", disable=None, miniters=0)
        self._start, self._frames = time.monotonic(), 0

    def report(self, event: str, value: str | int) -> None:
        """A ``Report``. Shots kept from an earlier build do not count for the time left."""
        if self._bar.disable:
            return
        if event == "frames":
            self._frames += int(value)
            pace = self._frames / max(time.monotonic() - self._start, 1e-9)
            self._bar.set_postfix_str(f"{pace:,.0f} frames/s", refresh=False)
            self._bar.update(0)
        elif event == "done":
            self._bar.update(int(value))
        elif event == "kept":
            self._bar.initial += int(value)
            self._bar.update(int(value))

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()


def silent(event: str, value: str | int) -> None:
    """A ``Report`` that shows nothing."""
