"""Connections that are silent, slow or too many: each against a real server on the loopback."""

import time

import pytest

from tests.helpers.visitors import answer, finished, head, order, picture, until


@pytest.mark.parametrize("start", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "])
def test_connections_that_stay_silent_are_closed(serve, start):
    with serve(head_seconds=0.2) as server, server.connect() as connection:
        connection.sendall(start)
        assert answer(connection)[0] == 0


def test_a_request_that_takes_long_is_not_silence(serve):
    photo = picture()
    with serve(head_seconds=0.5) as server, server.connect() as connection:
        connection.sendall(head("Connection: close", length=len(photo)) + photo[:50])
        time.sleep(1.5)
        connection.sendall(photo[50:])
        assert answer(connection)[0] == 201


def test_one_address_cannot_hold_all_connections(serve):
    with serve(connections_each=3, connections=5) as server:
        held = [server.connect("127.0.0.2") for _ in range(8)]
        with server.client("127.0.0.3") as client:
            assert client.get("/").status_code == 200
        more = [server.connect("127.0.0.4") for _ in range(3)]
        with server.connect("127.0.0.5") as sixth:
            sixth.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert answer(sixth)[0] == 0
        for connection in held + more:
            connection.close()

        def answered():
            with server.connect("127.0.0.5") as again:
                again.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return answer(again)[0] == 200

        until(answered)


def test_a_visitor_who_stops_reading(serve):
    limits = {"head_seconds": 0.5, "response_seconds": 0.5, "connections_each": 1}
    with serve(**limits) as server, server.client("127.0.0.2") as client:
        name = order(client).json()["name"]
        finished(client, name)
        (next(server.folder.rglob("clip.mp4"))).write_bytes(bytes(32 * 2**20))
        lines = "HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        with server.connect() as connection:
            connection.sendall(f"GET /api/clips/{name}/clip.mp4 {lines}".encode())
            begun = time.monotonic()
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")

            def answered():
                with server.connect() as another:
                    another.sendall(f"GET / {lines}".encode())
                    return answer(another)[0] == 200

            assert not answered()  # the address has no more connections
            until(answered)
            assert time.monotonic() - begun > 0.4
