"""``ssagan demo``: binds the port, loads the model, serves until Ctrl-C."""

import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import uvicorn

from ssagan_jax.demo import clips, device_files, hosting
from ssagan_jax.demo.device_files import DeviceFiles
from ssagan_jax.demo.jobs import Jobs
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.server import make_application
from ssagan_jax.demo.worker import Worker


def serve(
    path: str | os.PathLike | None = None,
    *,
    host: str,
    port: int,
    on_device: str | os.PathLike | None = None,
) -> None:
    """Serves the page until the process is told to stop; leaves no file behind.

    Args:
      path: as ``load_animator``.
      host: the address to listen at; ``0.0.0.0``: all of the machine's.
      port: 0 takes any that is free.
      on_device: a folder of ``python -m ssagan_jax.demo.on_device``, with which visitors' devices
        make clips themselves.

    Raises:
      OSError: the port is taken, or the machine has no such address.
      ValueError: no such port.
      FileNotFoundError, ValueError: as ``load_animator`` and ``read_device_files``.
    """
    files = None if on_device is None else device_files.read_device_files(on_device)
    with hosting.open_socket(
        host, port
    ) as listening:  # before the model is loaded, which takes a while
        limits = Limits()
        open_maker = partial(clips.open_maker, path, side=limits.side)
        worker = Worker(open_maker, memory=limits.memory)
        try:
            about = worker.start()
            address = (host, listening.getsockname()[1])
            print(hosting.welcome("The demo", *address, page="docs/demo.md"), flush=True)
            run_server(
                listening, host=host, make=worker, about=about, limits=limits, on_device=files
            )
        finally:
            worker.close()


def run_server(
    listening: socket.socket,
    *,
    host: str,
    make: clips.Make,
    about: Mapping[str, bool | int],
    limits: Limits,
    on_device: DeviceFiles | None = None,
    started: Callable[[uvicorn.Server], None] = lambda server: None,
) -> None:
    """Serves on a bound socket.

    Args:
      listening: of ``hosting.open_socket``.
      host: what it was bound to.
      make: makes the clips.
      about: what the page has to know of the model, as ``clips.described``.
      limits: of visitors.
      on_device: None: clips are made here only.
      started: called with the server just before it runs.
    """
    with tempfile.TemporaryDirectory(prefix="ssagan-demo-", ignore_cleanup_errors=True) as folder:
        jobs = Jobs(make, Path(folder), limits)
        app = make_application(jobs, limits=limits, host=host, model=about, on_device=on_device)
        server = uvicorn.Server(hosting.server_config(app, limits))
        hosting.end_on_hangup(server)
        started(server)
        server.run(sockets=[listening])
