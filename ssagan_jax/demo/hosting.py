"""What a server of pages needs besides routes: a port, settings of uvicorn, an address to tell."""

import ipaddress
import signal
import socket
import threading
from typing import Any

import uvicorn

from ssagan_jax.demo.connections import make_protocol
from ssagan_jax.demo.limits import Limits

_PATIENCE = 2  # seconds: for answers under way, at the end


def open_socket(host: str, port: int) -> socket.socket:
    """A socket that listens at an address.

    Args:
      host: the address; ``0.0.0.0``: all of the machine's.
      port: 0 takes any that is free.

    Raises:
      OSError: the port is taken, or the machine has no such address.
      ValueError: no such port.
    """
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


def end_on_hangup(server: uvicorn.Server) -> None:
    """Lets a closed terminal end a server as Ctrl-C does, tidily; under ``nohup`` it goes on."""
    can = hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread()
    if can and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, server.handle_exit)


def server_config(app: Any, limits: Limits) -> uvicorn.Config:
    """uvicorn's, for an ASGI application whose visitors are not trusted."""
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


def welcome(what: str, host: str, port: int, *, page: str) -> str:
    """Where ``what`` is, in words; with a warning where others can open it.

    Args:
      what: what is served, as the start of a sentence.
      host: as ``open_socket``.
      port: the bound one.
      page: the page of the docs that says what it means.
    """
    lines = [f"{what} is at http://{_shown(host)}:{port}/ (Ctrl-C ends it)."]
    if not _is_loopback(host):
        lines.append(
            "Everybody in this network can open it: there is no password, and what is sent can be "
            f"read on the way. See {page}."
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
