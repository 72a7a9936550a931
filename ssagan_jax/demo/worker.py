"""The process that makes clips: what hangs or crashes ends with it, and the next clip has another.

The two processes send each other (kind, value) through a pipe. From here: ``make`` and (folder,
order), ``stop``. From there: once ``opened`` and what the page has to know of the model, or
``broken`` and an error; for each clip ``progress`` and (done, total) again and again, then
``made``, ``refused`` and why (in words for the visitor), or ``failed`` and the error in words.
"""

import contextlib
import logging
import mmap
import multiprocessing
import signal
import threading
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ssagan_jax.demo.clips import Make, Progress
from ssagan_jax.demo.orders import Order

_LOOK = 0.2  # seconds between two looks at whether a clip is still wanted
_GRACE = 3.0  # seconds that a clip has to end by itself when it is wanted no more

About = Mapping[str, bool | int]
Open = Callable[[], tuple[Make, About]]

log = logging.getLogger(__name__)


class _Stop(Exception):
    """The clip is wanted no more."""


class Worker:
    """Makes one clip at a time, as ``clips.Make``, in a process of its own.

    Args:
      open_maker: called there, at its start; what it is must be importable there.
      grace: seconds that a clip has to end by itself when ``progress`` raises; then it is killed.
      memory: bytes that the process may hold, looked at every ``_LOOK`` seconds; beyond, it is
        killed. Not a limit of the system's (``RLIMIT_AS``): JAX reserves far more than it uses.
    """

    def __init__(self, open_maker: Open, *, grace: int | float = _GRACE, memory: int | None = None):
        self._open, self._grace, self._memory = open_maker, grace, memory
        self._process: Any = None
        self._pipe: Any = None
        self._lock, self._closed = threading.Lock(), False

    def start(self) -> About:
        """Starts the process and waits until it is ready; what the page has to know of the model.

        Raises:
          RuntimeError: it crashed.
          Exception: what ``open_maker`` raised.
        """
        context = multiprocessing.get_context("spawn")  # a fork of JAX's threads would hang
        with self._lock:
            if self._closed:
                raise RuntimeError("The demo has ended.")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_work, args=(theirs, self._open), daemon=True)
            self._process.start()
            theirs.close()
        kind, value = self._receive()
        if kind == "broken":
            self._kill()
            raise value
        return value

    def __call__(self, folder: Path, order: Order, progress: Progress) -> None:
        """Makes a clip. ``progress`` is called again and again, whatever the process does.

        Raises:
          ValueError: in words for the visitor, also if the clip takes too much memory.
          RuntimeError: the process crashed, or the clip failed otherwise.
          Exception: what ``progress`` raised.
        """
        if self._process is None or not self._process.is_alive():
            try:
                self.start()
            except Exception as error:  # nothing that a visitor could help
                raise RuntimeError(f"The model cannot be loaded again: {error}") from error
        self._pipe.send(("make", (folder, order)))
        told = (0, order.frames)
        try:
            while True:
                progress(*told)
                self._check_memory()
                if not self._pipe.poll(_LOOK):
                    continue
                kind, value = self._receive()
                if kind != "progress":
                    break
                told = value
        except BaseException:
            self._stop()
            raise
        if kind == "refused":
            raise ValueError(value)
        if kind == "failed":
            raise RuntimeError(value)

    def close(self) -> None:
        """Ends the process, whatever it does."""
        with self._lock:
            self._closed = True
        self._kill()

    def _receive(self) -> tuple[str, Any]:
        try:
            return self._pipe.recv()
        except (EOFError, OSError) as error:
            self._kill()
            raise RuntimeError("The process that makes clips crashed.") from error

    def _check_memory(self) -> None:
        held = resident(self._process.pid)
        if self._memory is not None and held > self._memory:
            self._kill()
            log.warning("A clip took %d MiB, over the limit: it was ended.", held >> 20)
            raise ValueError("This clip takes too much memory here. Try a smaller photo.")

    def _stop(self) -> None:
        """Ends the clip: by word, and if it does not listen, with its process."""
        with contextlib.suppress(EOFError, OSError):  # it is gone already
            self._pipe.send(("stop", None))
            while self._pipe.poll(self._grace):
                if self._pipe.recv()[0] != "progress":
                    return
        self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()


def resident(process: int) -> int:
    """Bytes of memory that a process holds now; 0 where the system does not tell."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):  # another system than Linux; or the process is gone
        return 0
    return int(pages) * mmap.PAGESIZE


def _work(pipe: Connection, open_maker: Open) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    try:
        make, about = open_maker()
    except Exception as error:
        pipe.send(("broken", error))
        return
    pipe.send(("opened", about))
    try:
        while True:
            kind, value = pipe.recv()
            if kind == "make":  # a "stop" came too late: the clip had ended
                pipe.send(_made(pipe, make, *value))
    except (EOFError, OSError):
        return  # the server is gone


def _made(pipe: Connection, make: Make, folder: Path, order: Order) -> tuple[str, str]:
    def progress(done: int, total: int) -> None:
        pipe.send(("progress", (done, total)))
        if pipe.poll():
            pipe.recv()
            raise _Stop

    try:
        make(folder, order, progress)
    except ValueError as error:
        return "refused", str(error)
    except _Stop:
        return "stopped", ""
    except Exception as error:  # the process goes on, whatever a photo does to a decoder
        log.exception("A clip could not be made.")
        return "failed", repr(error)
    return "made", ""
