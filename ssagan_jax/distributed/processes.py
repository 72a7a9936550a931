"""Several processes of one run: how they join, compare values, wait and stop at the same step.

Every process runs the same program on its part of the devices; the primary one, process 0, prints
and writes. With a single process, as on a plain machine, everything here returns at once.
"""

import contextlib
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from orbax.checkpoint import multihost

from ssagan_jax.distributed import launchers

T = TypeVar("T")
BARRIER_TIMEOUT = 24 * 3600  # seconds that the others wait while the primary process evaluates
# Of gloo, NCCL and the coordination service that processes meet at.
_LOST = re.compile(
    "gloo|nccl|Connection (closed|reset)|Socket closed|coordination|UNAVAILABLE|Barrier|heartbeat",
    re.IGNORECASE,
)
_barriers = itertools.count()  # the same on every process, which all run the same program


def start(
    *,
    coordinator: str | None = None,
    processes: int | None = None,
    process_id: int | None = None,
    devices: int | None = None,
) -> None:
    """Joins the other processes, if there are any. Before anything else that touches a device.

    Args:
      coordinator: HOST:PORT of process 0; with ``processes`` and ``process_id``, or none of them:
        then a launcher's environment is looked for (``launchers.detect_launcher``).
      processes: how many there are.
      process_id: which of them this is, from 0.
      devices: how many devices all processes have together; without it, what the launcher says.

    Raises:
      ValueError: for a part of the options only, or another number of devices than promised.
    """
    asked = {"--coordinator": coordinator, "--processes": processes, "--process-id": process_id}
    missing = [name for name, value in asked.items() if value is None]
    if missing and len(missing) < len(asked):
        raise ValueError(
            f"{', '.join(missing)} missing: --coordinator=HOST:PORT, --processes=N and "
            "--process-id=K (0 to N - 1) go together."
        )
    # Our own handler of SIGTERM must be the only one: see ``PreemptionSync``.
    jax.config.update("jax_enable_preemption_service", False)
    if not missing:
        _initialise(
            coordinator_address=coordinator,
            num_processes=processes,
            process_id=process_id,
            cluster_detection_method="deactivate",
        )
    elif launchers.detect_launcher():
        _initialise(local_device_ids=launchers.local_devices())
    _check_devices(devices or launchers.promised_devices())


def _initialise(**options: Any) -> None:
    # A process that fails alone waits this long for the others before it ends. JAX would end a
    # process without a word once another has given no sign of life; the watchdog of a run says so.
    jax.distributed.initialize(
        **options, shutdown_timeout_seconds=60, heartbeat_timeout_seconds=BARRIER_TIMEOUT
    )


def _check_devices(promised: int | None) -> None:
    if promised and jax.device_count() != promised:
        raise ValueError(
            f"{promised} devices were promised (--devices, or the launcher), but JAX sees "
            f"{jax.device_count()} of kind {jax.devices()[0].device_kind} in "
            f"{jax.process_count()} processes. Is the right jax installed (jax[cuda12], jax[tpu]), "
            "and are all processes there? docs/launch.md has more."
        )


def is_primary_process() -> bool:
    """Whether this is process 0, which prints and writes."""
    return jax.process_index() == 0


@contextlib.contextmanager
def print_on_primary_process() -> Iterator[None]:
    """Drops what the other processes print; errors are printed by each."""
    if is_primary_process():
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def check_equal_devices() -> None:
    """Refuses processes with different numbers of devices.

    Raises:
      ValueError: naming two that differ, on every process.
    """
    counts = Counter(device.process_index for device in jax.devices())
    for process, count in sorted(counts.items()):
        if count != counts[0]:
            raise ValueError(
                f"Process {process} has {count} devices, process 0 has {counts[0]}. Start every "
                "process on the same number."
            )


def assert_equal_across_processes(values: Mapping[str, object]) -> None:
    """Refuses values that differ from process to process, as JSON shows them.

    Raises:
      ValueError: on every process, naming two that differ and both their values.
    """
    if jax.process_count() == 1:
        return
    texts = _gather_text(json.dumps(values, sort_keys=True))
    ours = json.loads(texts[0])
    for process, text in enumerate(texts):
        theirs = json.loads(text)
        lines = [
            f"  {key}: {ours.get(key, 'absent')!r} on process 0, {theirs.get(key, 'absent')!r} "
            f"on process {process}"
            for key in sorted(ours.keys() | theirs.keys())
            if key not in ours or key not in theirs or ours[key] != theirs[key]
        ]
        if lines:
            raise ValueError(
                "The processes do not agree:\n" + "\n".join(lines) + "\n"
                "Start each with the same command, configuration, data and version of the code."
            )


def run_on_all_processes(work: Callable[[], T]) -> T:
    """Runs ``work`` on every process and returns its result, once all have succeeded.

    Raises:
      ChildProcessError: if it failed on another one. A process where it failed raises its own.
    """
    if jax.process_count() == 1:
        return work()
    try:
        result = work()
    except Exception as error:
        wait_for_all_processes()
        _gather_text(f"{type(error).__name__}: {error}")
        raise
    wait_for_all_processes()
    failed = _gather_text("")
    for process, text in enumerate(failed):
        if text:
            raise ChildProcessError(f"Process {process} stopped: {text}")
    return result


def run_on_primary_process(work: Callable[[], float | None]) -> float | None:
    """Runs ``work`` on process 0 while the others wait; returns its number, or None, on all.

    Args:
      work: anything that needs no other process.

    Raises:
      ChildProcessError: on the others, if it failed. Process 0 raises its own error.
    """
    if jax.process_count() == 1:
        return work()
    value = run_on_all_processes(work if is_primary_process() else lambda: None)
    number = np.atleast_1d(np.float64(np.nan if value is None else value))
    bits = multihost_utils.broadcast_one_to_all(number.view(np.uint32))
    received = float(np.asarray(bits).view(np.float64)[0])
    return None if np.isnan(received) else received


def run_on_primary_process_first(work: Callable[[], T]) -> T:
    """Runs ``work`` on every process; on the others once process 0 is done.

    What it leaves on a disk that all share is then there for them.

    Raises:
      ChildProcessError: on the others, if it failed on process 0, which raises its own error.
    """
    done: list[T] = []
    run_on_primary_process(lambda: done.append(work()))
    return done[0] if done else work()


def wait_for_all_processes() -> None:
    """A barrier. Not a collective of the devices: those time out sooner."""
    if jax.process_count() > 1:
        barrier = multihost.get_barrier_sync_fn()
        barrier(key=f"ssagan_{next(_barriers)}", timeout_ms=BARRIER_TIMEOUT * 1000)


def tells_of_lost_process(error: Exception) -> bool:
    """Whether an error is what collectives and barriers raise when another process is gone.

    A ``ChildProcessError`` is not: the other process was there to say what was wrong.
    """
    if jax.process_count() == 1 or isinstance(error, ChildProcessError):
        return False
    return bool(_LOST.search(f"{type(error).__name__}: {error}"))


class PreemptionSync:
    """Stops all processes at the same step once any of them is asked to stop.

    One number per device is summed at every step, and read at the next: while the devices have
    a step to do, the host waits for the one before. A signal thus takes effect within two steps;
    alone, at once.
    """

    def __init__(self) -> None:
        self._last: jax.Array | None = None
        self._stop = False
        if jax.process_count() > 1:
            mesh = Mesh(np.asarray(jax.devices()), ("all",))
            self._sharding = NamedSharding(mesh, PartitionSpec("all"))
            replicated = NamedSharding(mesh, PartitionSpec())
            self._sum = jax.jit(lambda flags: flags.sum(), out_shardings=replicated)

    def update(self, stop: bool) -> None:
        """Tells the others whether this process wants to stop; once a step, on every process."""
        if jax.process_count() == 1:
            return
        local = np.full(jax.local_device_count(), stop, np.int32)
        flags = jax.make_array_from_process_local_data(self._sharding, local)
        last, self._last = self._last, self._sum(flags)
        self._stop = last is not None and bool(jax.device_get(last))

    def reached(self, stop: bool) -> bool:
        """Whether all processes stop now; a single process does so when it wants to (``stop``)."""
        return stop if jax.process_count() == 1 else self._stop


def _gather_text(text: str) -> list[str]:
    """The text of every process, in their order."""
    data = np.frombuffer(text.encode(), np.uint8)
    sizes = np.atleast_1d(multihost_utils.process_allgather(np.asarray(len(data), np.int32)))
    if not sizes.max():
        return [""] * len(sizes)
    padded = np.pad(data, (0, int(sizes.max()) - len(data)))
    rows = multihost_utils.process_allgather(padded)
    return [bytes(row[:size]).decode() for row, size in zip(rows, sizes, strict=True)]
