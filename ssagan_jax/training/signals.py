"""Signals that ask a run to stop."""

import contextlib
import signal
from collections.abc import Iterator
from typing import Any


class StopSignal:
    """The SIGTERM (preemption) or SIGINT that this process got, if it got one.

    Attributes:
      name: of the signal, or None.
    """

    def __init__(self) -> None:
        self.name: str | None = None

    @property
    def received(self) -> bool:
        """Whether this process was asked to stop."""
        return self.name is not None

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Notes the first signal; a second one acts as it would without this."""

        def note(number: int, _: object) -> None:
            self.name = signal.Signals(number).name
            signal.signal(number, before[number])
            print(f"{self.name}: saving after this step. Once more ends at once.")

        numbers = (signal.SIGTERM, signal.SIGINT)
        before: dict[int, Any] = {n: signal.getsignal(n) or signal.SIG_DFL for n in numbers}
        for number in before:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
