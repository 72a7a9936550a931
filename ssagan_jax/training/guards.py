"""What keeps a run from harm: signals that are obeyed, a lock, a watchdog."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from ssagan_jax.config.schema import WatchdogConfig
from ssagan_jax.distributed import processes
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.training.lock import WorkdirLock
from ssagan_jax.training.signals import StopSignal
from ssagan_jax.training.watchdog import Watchdog


@dataclass(frozen=True)
class Guards:
    """Of one process; the lock is held by the primary one for all of them."""

    stop: StopSignal
    lock: WorkdirLock
    watchdog: Watchdog

    def check_lock(self) -> None:
        """Refuses, on all processes, to write into a workdir that another run has taken over.

        Raises:
          BlockingIOError: on the primary process.
          ChildProcessError: on the others.
        """
        processes.run_on_primary_process(self.lock.check)


@contextlib.contextmanager
def guarding(workdir: AnyPath, limits: WatchdogConfig, stop: StopSignal) -> Iterator[Guards]:
    """Holds the workdir's lock and watches for hangs.

    Raises:
      BlockingIOError: if another run holds the workdir.
      ChildProcessError: on other processes than the primary one, then.
      OSError: if the workdir cannot be written.
      ProcessLost: if another process of this run was lost.
    """
    guards = Guards(stop, WorkdirLock(workdir), Watchdog(workdir))
    with guards.watchdog.running(), guards.watchdog.phase("start", limits.start):
        try:
            processes.run_on_primary_process(guards.lock.acquire)
            stop.before_exit.append(guards.lock.release)
            yield guards
        except Exception as error:
            if processes.tells_of_lost_process(error):
                raise ProcessLost(guards.watchdog.where(), error) from error
            raise
        finally:
            guards.lock.release()


class ProcessLost(ChildProcessError):
    """Another process of this run is gone: nothing more can be computed together."""

    def __init__(self, where: str, error: Exception) -> None:
        first = (str(error).splitlines() or [""])[0][:200]
        super().__init__(
            f"{where}: another process was lost ({first}). The last checkpoint stands; the same "
            "command goes on."
        )
