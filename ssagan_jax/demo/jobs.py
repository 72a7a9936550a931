"""The queue: one clip is made at a time, the others wait for their turn.

Each has an end: ``Worker`` calls back whatever a clip does, and hears here that it takes too long.

Every job has a folder of its own with a name that the server made. A job lives as long as somebody
asks after it: see ``Limits.away``, ``kept`` and ``kept_at_most``.
"""

import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ssagan_jax.demo.clips import Make
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.orders import Order, Refused

WAITING, WORKING, READY, FAILED = "waiting", "working", "ready", "failed"
_FULL_RETRY = 30  # seconds

log = logging.getLogger(__name__)


class _Stopped(Exception):
    """Nobody wants the clip any more."""


@dataclass
class Job:
    """One clip on its way. ``begun``, ``seen`` and ``ended`` are times of the clock."""

    name: str
    address: str
    order: Order
    folder: Path
    seen: float
    state: str = WAITING
    done: int = 0
    total: int = 0
    message: str = ""
    begun: float = 0.0
    ended: float = 0.0
    stopped: bool = field(default=False, repr=False)

    @property
    def pending(self) -> bool:
        return self.state in (WAITING, WORKING)


class Jobs:
    """All jobs, and the thread that makes their clips.

    Args:
      make: see ``clips.Make``; called in the thread.
      folder: an empty one, for the jobs'.
      limits: how many there may be, and how long they live.
      clock: seconds.
    """

    def __init__(
        self,
        make: Make,
        folder: Path,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._make, self._folder, self._limits = make, folder, limits
        self._clock = clock
        self._jobs: dict[str, Job] = {}  # oldest first
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="clips", daemon=True)
        self._thread.start()

    def new_folder(self) -> Path:
        """An empty folder for an upload, before it is a job."""
        folder = self._folder / secrets.token_urlsafe(16)
        folder.mkdir()
        return folder

    def check_room(self, address: str) -> None:
        """Whether one more job of an address fits.

        Raises:
          Refused: 429 the address has as many as it may, 503 the queue is full.
        """
        with self._changed:
            pending = [job for job in self._jobs.values() if job.pending]
            own = sum(job.address == address for job in pending)
        if own >= self._limits.waiting_each:
            raise Refused(
                429, f"{own} clips of yours are being made. Wait for one.", retry_after=_FULL_RETRY
            )
        if len(pending) >= self._limits.waiting:
            raise Refused(
                503,
                f"{len(pending)} visitors are waiting, as many as there is room for. "
                "Try again in a minute.",
                retry_after=_FULL_RETRY,
            )

    def add(self, folder: Path, address: str, order: Order) -> Job:
        """Puts a job with its uploaded files in the queue; raises as ``check_room``."""
        with self._changed:
            self.check_room(address)
            job = Job(folder.name, address, order, folder, self._clock(), total=order.frames)
            self._jobs[job.name] = job
            self._changed.notify_all()
        return job

    def find(self, name: str) -> Job | None:
        """The job of a name, which is then asked after; None if there is none (any more)."""
        with self._changed:
            if job := self._jobs.get(name):
                job.seen = self._clock()
            return job

    def position(self, job: Job) -> int:
        """How many are made before it; 0: it is its turn."""
        with self._changed:
            pending = [other.name for other in self._jobs.values() if other.pending]
            return pending.index(job.name) if job.name in pending else 0

    def leave(self, name: str) -> bool:
        """Ends a job and deletes its files; False if there was none."""
        with self._changed:
            if job := self._jobs.pop(name, None):
                self._drop(job)
            return job is not None

    def sweep(self) -> None:
        """Ends the jobs that nobody asks after, and deletes clips that are old or too many."""
        with self._changed:
            for job in [*self._overdue(), *self._too_many()]:
                if self._jobs.pop(job.name, None):
                    self._drop(job)

    def close(self) -> None:
        """Ends all jobs and the thread, and deletes the folder."""
        with self._changed:
            self._closed = True
            for name in list(self._jobs):
                self.leave(name)
            self._changed.notify_all()
        self._thread.join(timeout=5)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _drop(self, job: Job) -> None:
        job.stopped = True
        if job.state != WORKING:  # else the thread does, which may be writing there
            shutil.rmtree(job.folder, ignore_errors=True)

    def _overdue(self) -> Iterator[Job]:
        now, limits = self._clock(), self._limits
        for job in self._jobs.values():
            known = not job.pending and job.seen >= job.ended  # somebody has heard that it is made
            patience = limits.kept if known else limits.away
            old = not job.pending and now - job.ended > limits.kept_at_most
            if old or now - max(job.seen, job.ended) > patience:
                yield job

    def _too_many(self) -> Iterator[Job]:
        of_address: dict[str, list[Job]] = {}
        for job in self._jobs.values():
            if not job.pending:
                of_address.setdefault(job.address, []).append(job)
        for jobs in of_address.values():
            yield from jobs[: -self._limits.finished_each]
        finished = [job for job in self._jobs.values() if not job.pending]
        yield from finished[: -self._limits.finished]

    def _work(self) -> None:
        while job := self._next():
            try:
                self._make(job.folder, job.order, partial(self._tell, job))
                self._end(job, READY)
            except _Stopped:
                self._end(job, FAILED)
            except ValueError as error:
                self._end(job, FAILED, str(error))
            except Exception:  # the thread must go on, whatever a photo does to a decoder
                log.exception("A clip could not be made.")
                self._end(job, FAILED, "Something went wrong here. Try another photo.")

    def _next(self) -> Job | None:
        """Waits for the oldest job; None at the end."""
        with self._changed:
            while not self._closed:
                for job in self._jobs.values():
                    if job.state == WAITING:
                        job.state, job.begun = WORKING, self._clock()
                        return job
                self._changed.wait()
        return None

    def _tell(self, job: Job, done: int, total: int) -> None:
        if job.stopped:
            raise _Stopped
        if self._clock() - job.begun > self._limits.job_seconds:
            raise ValueError("This clip takes too long here. Ask for a shorter one.")
        job.done = done

    def _end(self, job: Job, state: str, message: str = "") -> None:
        with self._changed:
            job.state, job.message, job.ended = state, message, self._clock()
            if job.stopped:
                shutil.rmtree(job.folder, ignore_errors=True)
