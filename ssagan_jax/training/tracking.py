"""Hands a run's numbers, pictures and clips to trackers, none of which can stop or slow it.

Each tracker lives in a thread of its own: what it raises is said once, then it gets no more; what
hangs is not waited for.
"""

import importlib.util
import json
import os
import queue
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

from ssagan_jax.config import registry
from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath

TENSORBOARD = "tensorboard"  # a name in config.trackers that training.writers sees to
IDENTITIES = "trackers.json"  # of a workdir: what each tracker calls the run
PROJECT = "ssagan_jax"
PATIENCE = 30.0  # seconds, at the end, for what is still to be handed over
WAITING = 500  # entries of the queue; beyond them new ones are left out


@dataclass(frozen=True)
class About:
    """What a tracker is told of a run at its start.

    Attributes:
      name: for people: the workdir's.
      identity: what the tracker called this run when it started before; None: it did not.
      config: the resolved configuration.
    """

    name: str
    identity: str | None
    config: Mapping[str, Any]


@runtime_checkable
class Tracker(Protocol):
    """A run in a tracker; any method may raise anything.

    Attributes:
      identity: by which the same run is gone on with.
    """

    identity: str

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """One point of every curve."""

    def media(self, step: int, tag: str, path: Path) -> None:
        """A picture (.png) or clip (.gif), in a file that is gone afterwards."""

    def close(self) -> None:
        """Says that the run has ended or stopped."""


class Tracking:
    """The trackers of one run.

    Args:
      names: of ``config.trackers``; ``tensorboard`` is left out.
      workdir: of the run; ``trackers.json`` in it says how to go on with the same runs.
      config: the resolved configuration.
    """

    def __init__(self, names: Sequence[str], workdir: str | os.PathLike, config: Mapping[str, Any]):
        folder = paths.path(workdir)
        store = _Identities(folder / IDENTITIES)
        name = folder.name or str(folder)
        self._threads = []
        for tracker, module in _find(names).items():
            about = About(name, store.read().get(tracker), config)
            self._threads.append(_Thread(tracker, module, about, store))

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """One point of every curve."""
        for thread in self._threads:
            thread.put(lambda tracker: tracker.scalars(step, values))

    def media(self, step: int, tag: str, path: AnyPath) -> None:
        """A picture (.png) or clip (.gif); it may be replaced once this has returned."""
        if not self._threads:
            return
        encoded, suffix = path.read_bytes(), path.suffix
        for thread in self._threads:
            thread.put(lambda tracker: _show(tracker, step, tag, encoded, suffix))

    def close(self) -> None:
        """Waits for what is still to be handed over, for ``PATIENCE`` together."""
        for thread in self._threads:
            thread.end()
        for thread in self._threads:
            thread.finish(PATIENCE / len(self._threads))


def check_trackers(names: Sequence[str]) -> None:
    """Looks for trackers before anything is begun.

    Raises:
      ValueError: for an unknown one.
      ImportError: if its package is not installed.
    """
    for name, module in _find(names).items():
        found = importlib.util.find_spec(module.PACKAGE)
        if found is None or found.origin is None:  # a mere folder of that name, as wandb writes
            raise ImportError(
                f'config.trackers has "{name}", which needs a package: pip install '
                f"'ssagan_jax[{name}]'."
            )


def _find(names: Sequence[str]) -> dict[str, ModuleType]:
    known = registry.modules("ssagan_jax.training.trackers")
    for name in names:
        if name not in (TENSORBOARD, *known):
            hint = registry.nearest(name, [TENSORBOARD, *known])
            raise ValueError(
                f'Unknown tracker "{name}" in config.trackers. Known: '
                f"{', '.join([TENSORBOARD, *known])}.{hint}"
            )
    return {name: known[name] for name in dict.fromkeys(names) if name != TENSORBOARD}


def _show(tracker: Tracker, step: int, tag: str, encoded: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ssagan-") as folder:
        path = Path(folder) / f"step_{step:07d}{suffix}"
        path.write_bytes(encoded)
        tracker.media(step, tag, path)


class _Identities:
    """What trackers call a run, in a small JSON file."""

    def __init__(self, path: AnyPath):
        self._path, self._lock = path, threading.Lock()

    def read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_bytes())
        except (FileNotFoundError, ValueError):  # none yet, or damaged: another run begins
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, name: str, identity: str) -> None:
        with self._lock:
            known = self.read()
            if known.get(name) != identity:
                with replacing(self._path) as partial:
                    partial.write_text(json.dumps({**known, name: identity}, indent=1) + "\n")


class _Thread:
    """A tracker, started and fed in a thread of its own."""

    def __init__(self, name: str, module: ModuleType, about: About, store: _Identities):
        self._name, self._start, self._about, self._store = name, module.start, about, store
        self._queue: queue.Queue[Callable[[Tracker], None] | None] = queue.Queue()
        self._ended = threading.Event()
        self._behind = False
        # A daemon: what hangs in it does not keep the process.
        self._thread = threading.Thread(target=self._run, name=f"tracker {name}", daemon=True)
        self._thread.start()

    def put(self, call: Callable[[Tracker], None]) -> None:
        """To be done in the thread; left out if it has ended, or is far behind."""
        if self._ended.is_set():
            return
        if self._queue.qsize() < WAITING:
            self._queue.put(call)
        elif not self._behind:
            self._behind = True
            self._note("takes too long; some of what comes is left out")

    def end(self) -> None:
        """Nothing more comes."""
        self._queue.put(None)

    def finish(self, seconds: float) -> None:
        """Waits for the thread so long."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._note("does not answer; it lacks the last of the run")

    def _run(self) -> None:
        try:
            tracker = self._start(self._about)
            self._store.write(self._name, tracker.identity)
            while (call := self._queue.get()) is not None:
                call(tracker)
            tracker.close()
        except (Exception, SystemExit) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            self._note(f"has stopped ({type(error).__name__}: {reason})")
        finally:
            self._ended.set()

    def _note(self, what: str) -> None:
        print(
            f"note: the tracker {self._name} {what}. The run goes on, and metrics.jsonl has all.",
            file=sys.stderr,
            flush=True,
        )
