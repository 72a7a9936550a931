"""``ssagan demo``: binds the port, loads the model, serves until Ctrl-C."""

import ipaddress
import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from ssagan_jax.demo import clips, device_files
from ssagan_jax.demo.connections import make_protocol
from ssagan_jax.demo.device_files import DeviceFiles
from ssagan_jax.demo.jobs import Jobs
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.server import make_application
from ssagan_jax.demo.worker import Worker

_PATIENCE = 2  # seconds: for answers under way, at the end


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
    with open_socket(host, port) as listening:  # before the model is loaded, which takes a while
        limits = Limits()
        open_maker = partial(clips.open_maker, path, side=limits.side)
        worker = Worker(open_maker, memory=limits.memory)
        try:
            about = worker.start()
            print(_welcome(host, listening.getsockname()[1]), flush=True)
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
      listening: of ``open_socket``.
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
        server = uvicorn.Server(_server_config(app, limits))
        started(server)
        server.run(sockets=[listening])


def open_socket(host: str, port: int) -> socket.socket:
    """A socket that listens at an address; errors as ``serve``."""
    if not 0 <= port <= 65535:
        raise ValueError(f"port is from 0 to 65535, got {port}.")
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise OSError(f"This machine cannot listen at {host}: {error.strerror}.") from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Else another program could be bound to it as well, and who listens first is served.
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise OSError(_explain(host, port, error)) from error
    return listening


def _explain(host, port, error):
    if isinstance(error, PermissionError):
        return f"Port {port} needs more rights. Choose one from 1024: --port=8000."
    if error.errno in (48, 98, 10048):  # macOS, Linux, Windows
        return (
            f"Port {port} of {host} is taken by another program. Choose another: --port={port + 1}"
        )
    return f"This machine cannot listen at {host}: {error.strerror}."


def _server_config(app: Any, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=make_protocol(limits),
        ws="none",
        loop="asyncio",
        log_level="error",
        access_log=False,
        proxy_headers=False,  # else a header could say who asks
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_PATIENCE,
    )


def _welcome(host: str, port: int) -> str:
    lines = [f"The demo is at http://{_shown(host)}:{port}/ (Ctrl-C ends it)."]
    if not _is_loopback(host):
        lines.append(
            "Everybody in this network can open it: there is no password, and what is sent can be "
            "read on the way. See docs/demo.md."
        )
    return "\n".join(lines)


def _shown(host: str) -> str:
    """An address that can be opened."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  # nothing is bound here
        return _own_address()
    return f"[{host}]" if ":" in host else host


def _own_address() -> str:
    """The machine's address in its network, as far as it can be told without asking anybody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for examples; nothing is sent
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
