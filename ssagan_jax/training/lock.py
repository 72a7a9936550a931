"""One run a workdir: a lock file with its holder and a heartbeat, on a disk or in a bucket.

Clocks of different machines are never compared: who finds another machine's lock watches whether
its heartbeat goes on.
"""

import contextlib
import json
import os
import socket
import threading
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from ssagan_jax.io import exclusive, paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.training.workdirs import explaining_unwritable

LOCK = "lock.json"
INTERVAL = 10.0  # seconds between heartbeats
PATIENCE = 60.0  # seconds without one after which another machine's holder counts as dead


class WorkdirLock:
    """Held by the primary process from before the first file of a run to its end.

    Args:
      workdir: made if it is not there.
      interval, patience: in seconds.
    """

    def __init__(
        self, workdir: AnyPath, *, interval: float = INTERVAL, patience: float = PATIENCE
    ) -> None:
        self._path, self._interval, self._patience = workdir / LOCK, interval, patience
        self._ours: dict[str, Any] = {"token": uuid.uuid4().hex, **_this_process(), "beat": 0}
        self._held, self._end = False, threading.Event()
        self._made = False  # whether the workdir is new

    def acquire(self) -> None:
        """Takes the lock; a dead holder's is taken over.

        On this machine a holder is dead when its process is gone; on another one when its
        heartbeat stands still for ``patience``, which is waited for.

        Raises:
          BlockingIOError: if another process holds it, saying who, where and since when.
          OSError: if the workdir cannot be written.
        """
        with explaining_unwritable(self._path.parent):
            self._made = not self._path.parent.exists()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._acquire()
        self._held = True
        threading.Thread(target=self._beat, daemon=True).start()

    def check(self) -> None:
        """Refuses to go on if the lock is no longer ours.

        Raises:
          BlockingIOError: naming who has taken it, while this process stood still.
        """
        if self._held and self._ours["token"] != (found := _parsed(self._read())).get("token"):
            self._held = False
            raise BlockingIOError(
                f"{self._path.parent} was taken over by {_name(found)}, while this process stood "
                "still for too long. Nothing more is written here; the other run goes on."
            )

    def release(self) -> None:
        """Gives the lock back, if it is ours; a new workdir that is empty goes too."""
        self._end.set()
        if self._held and _parsed(self._read()).get("token") == self._ours["token"]:
            self._path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty
                if self._made and not paths.is_bucket(self._path):
                    self._path.parent.rmdir()
        self._held = False

    def _acquire(self) -> None:
        while not exclusive.create(self._path, self._text()):
            found = self._read()
            if found is not None and self._take_over(found):
                return

    def _take_over(self, found: str) -> bool:
        """Replaces the lock that says ``found``; False if it changed hands meanwhile."""
        holder = _parsed(found)
        if not self._is_dead(self._path, found):
            raise BlockingIOError(self._in_use(holder))
        # Whoever replaces a lock holds another one, which is named after what is replaced.
        claim = self._path.with_name(f"{LOCK}.{holder.get('token', 'damaged')}")
        if not exclusive.create(claim, self._text()):
            if (claimed := self._read(claim)) is not None and self._is_dead(claim, claimed):
                claim.unlink(missing_ok=True)
            return False
        try:
            if self._read() != found:
                return False
            self._write()
        finally:
            claim.unlink(missing_ok=True)
        print(f"The lock of {_name(holder)}, which is gone, was taken over.")
        return True

    def _is_dead(self, path: AnyPath, text: str) -> bool:
        holder = _parsed(text)
        if holder.get("machine") == self._ours["machine"]:
            return _start_of(holder.get("pid")) != holder.get("started")
        print(
            f"{path} is held by {_name(holder)}: looking for its heartbeat, for up to "
            f"{self._patience:.0f} s.",
            flush=True,
        )
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            time.sleep(min(1.0, self._patience / 10))
            if self._read(path) != text:
                return False
        return True

    def _in_use(self, holder: dict[str, Any]) -> str:
        return (
            f"{self._path.parent} is in use: {_name(holder)} has trained there since "
            f"{holder.get('since', 'an unknown time')}. Wait for it, stop it, or choose another "
            "--workdir."
        )

    def _beat(self) -> None:
        while not self._end.wait(self._interval):
            with contextlib.suppress(OSError):  # a disk or bucket that is away for a moment
                if _parsed(self._read()).get("token") != self._ours["token"]:
                    return  # ``check`` tells
                self._ours["beat"] += 1
                self._write()

    def _text(self) -> str:
        return json.dumps(self._ours, indent=2) + "\n"

    def _read(self, path: AnyPath | None = None) -> str | None:
        with contextlib.suppress(FileNotFoundError):
            return (path or self._path).read_bytes().decode(errors="replace")
        return None

    def _write(self) -> None:
        with replacing(self._path) as partial:
            partial.write_text(self._text(), encoding="utf-8")


def _this_process() -> dict[str, Any]:
    """Which process this is; ``machine`` is the same where process numbers mean the same."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started": _start_of(os.getpid()),
        "machine": _read_line("/proc/sys/kernel/random/boot_id") + _pid_namespace(),
        "since": datetime.now().astimezone().isoformat(sep=" ", timespec="seconds"),
    }


def _start_of(pid: Any) -> str | None:
    """When a process of this machine began, in the kernel's ticks; None if it is gone."""
    if not isinstance(pid, int):
        return None
    if not Path("/proc/self").exists():  # no Linux
        return "alive" if _answers(pid) else None
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else rest[18]  # ended, but not yet waited for


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _pid_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return socket.gethostname()


def _read_line(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _parsed(text: str | None) -> dict[str, Any]:
    """What a lock says; nothing if it is damaged, not yet written or gone."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _name(holder: dict[str, Any]) -> str:
    if not holder:
        return "somebody unknown (the lock's file is damaged)"
    return f"process {holder.get('pid')} on {holder.get('host')}"
