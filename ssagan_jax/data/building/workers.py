"""One piece of work for each of many groups of shots: in this process, or in several.

Workers are started afresh (``spawn``), load no JAX, and end with the process that started them,
whatever ends it: each report goes to that process, and a report that cannot be sent ends them.
"""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeAlias

from ssagan_jax.data.building.groups import Group
from ssagan_jax.data.building.progress import Report
from ssagan_jax.data.building.shots import ShotFailed

Work: TypeAlias = Callable[[Group, Report], Any]


def run_groups(
    work: Work, groups: Sequence[Group], *, workers: int = 1, report: Report
) -> list[Any]:
    """What ``work`` returns of each group, in order.

    Args:
      work: a function of a module, or a partial of one, if there are several workers.
      groups: each is given to one worker, whole.
      workers: processes; with one, this process works.
      report: called here, with what all workers report.

    Raises:
      ValueError: if ``workers`` is less than one, or what a worker needs cannot be sent to it.
      ShotFailed: if a worker's process ends, naming the shot that it was reading.
      Exception: the first that ``work`` raises; the other workers are ended.
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}; expected 1 or more processes.")
    if workers == 1 or len(groups) < 2:
        return [work(group, report) for group in groups]
    pool = [_start(work) for _ in range(min(workers, len(groups)))]
    try:
        return _share_out(groups, pool, report)
    finally:
        for worker in pool:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()


@dataclass
class _Worker:
    process: SpawnProcess
    connection: Connection
    group: Group | None = None
    shot: str = ""  # that it reads


def _start(work: Work) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()  # so that the end of the process is the end of the connection
    return _Worker(process, ours)


def _share_out(groups: Sequence[Group], pool: Sequence[_Worker], report: Report) -> list[Any]:
    results: dict[int, Any] = {}
    positions = {group.number: place for place, group in enumerate(groups)}
    remaining = iter(groups)
    for worker in pool:
        _give(worker, next(remaining))
    while busy := {worker.connection: worker for worker in pool if worker.group}:
        for connection in wait(list(busy)):
            worker = busy[connection]  # type: ignore[index]
            event, value = _receive(worker)
            if event == "result":
                assert worker.group is not None
                results[positions[worker.group.number]] = value
                _give(worker, next(remaining, None))
            elif event == "error":
                raise value
            else:
                worker.shot = str(value) if event == "shot" else worker.shot
                report(event, value)
    return [results[place] for place in range(len(groups))]


def _give(worker: _Worker, group: Group | None) -> None:
    worker.group = group
    if group is None:
        return
    worker.shot = group.shots[0].id
    try:
        worker.connection.send(group)
    except BrokenPipeError:
        raise _death(worker) from None
    except Exception as error:  # of pickle, by the kind of what cannot be pickled
        raise ValueError(
            f"The shot {worker.shot} cannot be sent to another process ({error}). Its data set's "
            "frames must be a partial of a function of a module; or build with one worker."
        ) from error


def _receive(worker: _Worker) -> tuple[str, Any]:
    try:
        return worker.connection.recv()
    except (EOFError, ConnectionResetError):
        raise _death(worker) from None


def _death(worker: _Worker) -> ShotFailed:
    worker.process.join()
    code = worker.process.exitcode or 0
    how = f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with status {code}"
    hint = " The kernel does so where memory runs out: try fewer workers." if code == -9 else ""
    return ShotFailed(
        f"A worker process was ended {how} while it read the shot {worker.shot}.{hint}"
    )


def _serve(work: Work, connection: Connection) -> None:
    """A worker: groups in, reports and results out, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it decides

    def send(event: str, value: Any) -> None:
        try:
            connection.send((event, value))
        except (BrokenPipeError, ConnectionResetError):
            os._exit(1)

    for _ in itertools.count():
        try:
            group = connection.recv()
        except (EOFError, ConnectionResetError):
            return
        try:
            send("result", work(group, send))
        except Exception as error:
            send("error", _portable(error))


def _portable(error: Exception) -> Exception:
    """An error that another process can read: others' kinds may not be importable there."""
    kinds = (ShotFailed, OSError, ValueError)
    known = next((kind for kind in kinds if isinstance(error, kind)), None)
    return known(str(error)) if known else RuntimeError(f"{type(error).__name__}: {error}")
