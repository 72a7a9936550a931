"""Signals that ask a run to stop: noted while there is a state to save, obeyed at once before."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ssagan_jax.distributed.exit_statuses import STOPPED

# Preemption, a terminal that closes, Slurm's --signal=USR1, Ctrl-C.
NUMBERS: tuple[int, ...] = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT)
T = TypeVar("T")


class Interrupted(BaseException):
    """Breaks off work that may be left undone, inside ``StopSignal.run_unless_received``."""


class StopSignal:
    """The signal of ``NUMBERS`` that this process got, if it got one.

    Attributes:
      name: of the signal, or None.
      before_exit: called, the last first, where ``watched`` ends the process.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self.before_exit: list[Callable[[], None]] = []
        self._before: dict[int, Any] = {}  # handlers, where ours are in place
        self._saves = self._interrupts = self._watched = False

    @property
    def received(self) -> bool:
        """Whether this process was asked to stop."""
        return self.name is not None

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Notes the first signal; a second one acts as it would without this.

        Does nothing within itself, and outside of the main thread, which alone gets signals.
        """
        if self._before or threading.current_thread() is not threading.main_thread():
            yield
            return
        for number in NUMBERS:
            self._before[number] = signal.getsignal(number) or signal.SIG_DFL
            signal.signal(number, self._note)
        try:
            yield
        finally:
            for number, handler in self._before.items():
                signal.signal(number, handler)
            self._before = {}

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """``caught``, for a process that is nothing but this run.

        A thread sees signals even while the main one is in a long call, such as a compilation.
        Before ``saving`` the first signal ends the process with ``STOPPED`` (Ctrl-C: as ever with
        130); after it, a second one ends it with 128 and the signal's number.
        """
        receive, send = os.pipe()
        os.set_blocking(send, False)
        with self.caught():
            self._watched = True
            signal.set_wakeup_fd(send, warn_on_full_buffer=False)
            threading.Thread(target=self._watch, args=(receive,), daemon=True).start()
            try:
                yield
            finally:
                signal.set_wakeup_fd(-1)
                self._watched = False
                os.close(send)

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """From here on there is a state, and whoever asks ``received`` saves it."""
        with self.caught():
            self._saves = True  # for good: what comes after this needs no saving
            yield

    def run_unless_received(self, work: Callable[[], T]) -> T | None:
        """Work that a signal breaks off, or keeps from beginning: None then."""
        with contextlib.suppress(Interrupted):
            self._interrupts = True
            try:
                return None if self.received else work()
            finally:
                self._interrupts = False
        return None

    def _note(self, number: int, _: object) -> None:
        if self.received:
            if not self._watched:  # else the thread ends the process
                signal.signal(number, self._before[number])
                signal.raise_signal(number)
            return
        self.name = signal.Signals(number).name
        if self._watched and not self._saves:
            return  # the thread ends the process; or, if ``saving`` begins just now, the run does
        _say(f"{self.name}: saving after this step. Once more ends at once.")
        if self._interrupts:
            raise Interrupted

    def _watch(self, receive: int) -> None:
        noted = False
        while byte := os.read(receive, 1):
            number = byte[0]
            if number not in NUMBERS:
                continue
            name = signal.Signals(number).name
            if not self._saves:
                self._exit(
                    f"{name} before the first step: there was nothing new to save. The same "
                    "command starts again.",
                    130 if number == signal.SIGINT else STOPPED,
                )
            if noted:
                self._exit(f"{name} again: ended. The last checkpoint stands.", 128 + number)
            noted = True
        os.close(receive)

    def _exit(self, line: str, status: int) -> None:
        for release in reversed(self.before_exit):
            with contextlib.suppress(Exception):
                release()
        print(f"ssagan: {line}", file=sys.stderr, flush=True)
        os._exit(status)


def _say(line: str) -> None:
    """Prints from a handler of signals, which may have come in the middle of another print."""
    try:
        print(line, flush=True)
    except RuntimeError:  # Python's buffer of the output cannot be entered again
        os.write(1, f"{line}\n".encode())
