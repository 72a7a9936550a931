"""Ends a process that hangs: status ``HUNG``, one line, and the stacks of all threads in a file."""

import contextlib
import faulthandler
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import jax

from ssagan_jax.distributed.exit_statuses import HUNG
from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath

TICK = 1.0  # seconds between looks
WRITING = 5.0  # seconds that the stacks may take, if the disk hangs too


class Watchdog:
    """Watches one process; phases follow each other, or lie in one another.

    The time in which the whole process stands still (Ctrl-Z, a suspended laptop) does not count.

    Args:
      workdir: where the stacks go (of a bucket: to a temporary folder).
    """

    def __init__(self, workdir: AnyPath) -> None:
        self._folder = Path(tempfile.gettempdir()) if paths.is_bucket(workdir) else workdir
        self._phase, self._limit, self._step = "start", 0.0, 0
        self._waited = 0.0
        self._end = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Watches as long as this lasts."""
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            yield
        finally:
            self._end.set()

    @contextlib.contextmanager
    def phase(self, name: str, limit: float) -> Iterator[None]:
        """Work that takes at most ``limit`` seconds from one ``alive`` to the next; 0: any time."""
        before = self._phase, self._limit
        self._phase, self._limit, self._waited = name, float(limit), 0.0
        try:
            yield
        finally:
            (self._phase, self._limit), self._waited = before, 0.0

    def alive(self, step: int) -> None:
        """This step is done."""
        self._step, self._waited = step, 0.0

    def where(self) -> str:
        """For a message: process, phase and step."""
        return (
            f"process {jax.process_index()} of {jax.process_count()}, in {self._phase}, after step "
            f"{self._step}"
        )

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._end.wait(TICK):
            now = time.monotonic()
            self._waited += min(now - last, 2 * TICK)
            last = now
            if 0 < self._limit < self._waited:
                self._bark()

    def _bark(self) -> None:
        file = self._folder / f"hang-process{jax.process_index()}.txt"
        writing = threading.Thread(target=_write_stacks, args=(file,), daemon=True)
        writing.start()
        writing.join(WRITING)
        print(
            f"ssagan: {self.where()}: nothing has happened for {self._limit:g} s. Stacks of all "
            f"threads: {file}. The last checkpoint stands; the same command goes on.",
            file=sys.stderr,
            flush=True,
        )
        os._exit(HUNG)


def _write_stacks(file: Path) -> None:
    with contextlib.suppress(OSError), file.open("w", encoding="utf-8") as stacks:
        faulthandler.dump_traceback(stacks, all_threads=True)
