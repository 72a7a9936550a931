"""A real server on the loopback, and visitors with sockets of their own."""

import contextlib
import io
import json
import os
import socket
import threading
import time
from pathlib import Path

import httpx
import jax
import numpy as np
from PIL import Image

from ssagan_jax.demo import clips, command, hosting
from ssagan_jax.demo.limits import Limits
from tests.helpers.movers import mover

PATIENCE = 60  # seconds
ON_DISK = ("jax_persistent_cache_min_compile_time_secs", "jax_persistent_cache_enable_xla_caches")
OCTETS = {"Content-Type": "application/octet-stream"}


class Painter:
    """Instead of the model: a clip of a few bytes, as many frames as asked, when it may."""

    def __init__(self):
        self.may_go = threading.Event()
        self.may_go.set()
        self.begun, self.made = [], []

    def __call__(self, folder, order, progress):
        self.begun.append(folder.name)
        for done in range(order.frames):
            while not self.may_go.wait(0.01):
                progress(done, order.frames)
            progress(done, order.frames)
        for name in (clips.VIDEO, clips.GIF, clips.PHOTO):
            (folder / name).write_bytes(name.encode() * 100)
        self.made.append(folder.name)


class Server:
    """A running demo: ``port``, its ``painter`` and the ``folder`` of its files."""

    def __init__(self, port: int, painter, folder: Path):
        self.port, self.painter, self.folder = port, painter, folder

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def client(self, source="127.0.0.1", **options) -> httpx.Client:
        """A visitor at an address of the loopback network."""
        transport = httpx.HTTPTransport(local_address=source)
        return httpx.Client(
            base_url=f"http://{self.address}", transport=transport, timeout=PATIENCE, **options
        )

    def connect(self, source="127.0.0.1") -> socket.socket:
        """A bare connection."""
        return socket.create_connection(
            ("127.0.0.1", self.port), timeout=PATIENCE, source_address=(source, 0)
        )

    def files(self) -> list[str]:
        """All that is stored for visitors."""
        # Unlike ``rglob``, ``walk`` does not mind a folder that is deleted meanwhile.
        return sorted(name for _, _, names in os.walk(self.folder) for name in names)


@contextlib.contextmanager
def serving(monkeypatch, tmp_path, *, make=None, model=None, on_device=None, **limits):
    """A demo at a free port of the loopback, with limits of its own; ended at the end."""
    # Its folder for temporary files, to look into.
    monkeypatch.setattr(command.tempfile, "tempdir", str(tmp_path))
    settings = {name: getattr(jax.config, name) for name in ON_DISK}  # the demo changes them
    limits = Limits(**limits)
    if model:
        clips.warm_up(model)
        make = clips.maker(model, side=limits.side)
    ready, painter = threading.Event(), make or Painter()
    listening = hosting.open_socket("127.0.0.1", 0)
    servers = []
    options = {"host": "127.0.0.1", "limits": limits, "on_device": on_device}
    thread = threading.Thread(
        target=command.run_server,
        args=(listening,),
        kwargs={
            **options,
            "make": painter,
            "about": clips.described(model or mover()),
            "started": lambda server: (servers.append(server), ready.set()),
        },
    )
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        server = Server(listening.getsockname()[1], painter, tmp_path)
        until(lambda: servers[0].started)
        yield server
    finally:
        if isinstance(painter, Painter):
            painter.may_go.set()
        servers[0].should_exit = True
        thread.join(PATIENCE)
        listening.close()
        for name, value in settings.items():
            jax.config.update(name, value)
    assert not thread.is_alive()
    assert list(tmp_path.iterdir()) == []  # nothing is left, whatever the test did


def until(condition, seconds=PATIENCE):
    """Waits for a condition to hold."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def picture(width=64, height=48, kind="PNG", mode="RGB", **options) -> bytes:
    """The file of a picture with something on it."""
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, kind, **options)
    return file.getvalue()


def order(client, body=None, headers=None, **query) -> httpx.Response:
    """Asks for a clip."""
    body = picture() if body is None else body
    return client.post("/api/clips", content=body, params=query, headers=OCTETS | (headers or {}))


def finished(client, name) -> dict:
    """What the server tells of a clip once it is made, or not."""
    told = [{}]

    def ended():
        told.append(client.get(f"/api/clips/{name}").json())
        return told[-1]["state"] in ("ready", "failed")

    until(ended)
    return told[-1]


def head(*lines, length=None, path="/api/clips", host="127.0.0.1") -> bytes:
    """The head of a request for a clip."""
    first = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/octet-stream"]
    sized = [] if length is None else [f"Content-Length: {length}"]
    return ("\r\n".join([*first, *sized, *lines]) + "\r\n\r\n").encode()


def answer(connection) -> tuple[int, dict]:
    """The status of what comes back, and its JSON; status 0 if the server hung up first."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            received += part
    if not received:
        return 0, {}
    top, _, body = received.partition(b"\r\n\r\n")
    status = int(top.split()[1])
    return status, json.loads(body) if body.startswith(b"{") else {}
