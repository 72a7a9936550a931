"""The folder of a data set that is not complete yet: beside its place, for one build at a time."""

import contextlib
import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ssagan_jax.io import exclusive, paths
from ssagan_jax.io.paths import AnyPath

LOCK = "build.lock"


def unfinished_folder(target: AnyPath) -> AnyPath:
    """Where the data set that will be ``target`` grows."""
    return target.with_name(f"unfinished-{target.name}")


@contextlib.contextmanager
def held(folder: AnyPath) -> Iterator[None]:
    """Holds the folder, made if it is not there, so that no other build writes into it.

    On a disk the hold ends with the process, whatever ends it. In a bucket a build that was
    killed leaves its lock behind.

    Raises:
      BlockingIOError: if another build holds it, saying which, since when, and what to do.
      OSError: if it cannot be written.
    """
    if paths.is_bucket(folder):
        with _held_in_bucket(folder / LOCK):
            yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with _held_on_disk(folder / LOCK):
        yield


@contextlib.contextmanager
def _held_on_disk(lock: Path) -> Iterator[None]:
    def refuse() -> None:
        raise BlockingIOError(_in_use(lock, "Wait for it, or stop it."))

    with exclusive.holding(lock, refuse):
        lock.write_text(_this_process(), encoding="utf-8")
        yield


@contextlib.contextmanager
def _held_in_bucket(lock: AnyPath) -> Iterator[None]:
    if not exclusive.create(lock, _this_process()):
        raise BlockingIOError(_in_use(lock, f"If that has ended, delete {lock}."))
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _in_use(lock: AnyPath, advice: str) -> str:
    return (
        f"{lock.parent} is in use: {lock.read_text() or 'another process'} builds there. {advice}"
    )


def _this_process() -> str:
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()}, since {since},"
