"""Ports, addresses and what a server says of itself."""

import functools
import socket

import pytest

from ssagan_jax.demo import hosting


def test_ports_and_addresses_that_cannot_be(monkeypatch):
    with pytest.raises(ValueError, match="port is from 0 to 65535, got 70000"):
        hosting.open_socket("127.0.0.1", 70000)
    with pytest.raises(OSError, match=r"This machine cannot listen at 192\.0\.2\.1: Cannot assign"):
        hosting.open_socket("192.0.2.1", 0)
    with pytest.raises(OSError, match="This machine cannot listen at no such name: "):
        hosting.open_socket("no such name", 0)

    def refuse(self, address):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "socket", type("Socket", (socket.socket,), {"bind": refuse}))
    with pytest.raises(OSError, match=r"Port 80 needs more rights\. Choose one from 1024"):
        hosting.open_socket("127.0.0.1", 80)


def test_what_it_says_at_the_start():
    welcome = functools.partial(hosting.welcome, "The demo", page="docs/demo.md")
    assert welcome("127.0.0.1", 8000) == "The demo is at http://127.0.0.1:8000/ (Ctrl-C ends it)."
    assert "http://[::1]:9/" in welcome("::1", 9)
    assert "password" not in welcome("localhost", 9)
    told = welcome("0.0.0.0", 8000)
    assert "0.0.0.0" not in told and "there is no password" in told and "docs/demo.md" in told
