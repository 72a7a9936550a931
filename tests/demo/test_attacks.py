"""What strangers may try: each against a real server on the loopback."""

import io
import socket
import struct
import threading
import time
import zlib

import pytest
from PIL import Image

from tests.helpers import visitors
from tests.helpers.visitors import answer, finished, head, order, picture, serving, until


@pytest.fixture
def serve(monkeypatch, tmp_path):
    return lambda **options: serving(monkeypatch, tmp_path, **options)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One for all tests that leave nothing behind and need no limits of their own."""
    many = {"orders_a_minute": 10**6, "requests_a_minute": 10**6, "waiting_each": 16}
    folder = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as patch, serving(patch, folder, **many) as server:
        yield server


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


def leave(client, ordered):
    assert client.post(f"/api/clips/{ordered.json()['name']}/leave").status_code == 204


def png_of(width, height) -> bytes:
    """A PNG that says it is so large, with next to no data."""

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    top = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + top + rows + chunk(b"IEND", b"")


def webp_of(width, height) -> bytes:
    """The head of an extended WebP of that size."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_of(width, height) -> bytes:
    """A small JPEG whose head says another size."""
    content = bytearray(picture(16, 16, "JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content)


# Of the second size Pillow itself refuses, in words of its own.
@pytest.mark.parametrize("size", [(9000, 9000), (16000, 16000)])
@pytest.mark.parametrize("bomb", [png_of, webp_of, jpeg_of])
def test_a_decompression_bomb_is_refused_by_its_head(server, client, bomb, size, monkeypatch):
    content, mask = bomb(*size), png_of(*size)
    masked = picture() + mask
    loaded, before = [], len(server.painter.begun)
    monkeypatch.setattr(Image.Image, "load", lambda self: loaded.append(self))
    for body, query in [(content, {}), (masked, {"moves": "painted", "mask_bytes": len(mask)})]:
        refused = order(client, body, **query)
        assert refused.status_code == 413
        assert "pixels" in refused.json()["message"]
    assert server.files() == []
    assert loaded == [] and len(server.painter.begun) == before


def test_a_jpeg_of_endless_scans_is_refused(client):
    content = picture(64, 64, "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    scans = content[:last] + 200 * content[last:-2] + content[-2:]
    kept = order(client, content)
    assert kept.status_code == 201
    refused = order(client, scans)
    assert (refused.status_code, "too many scans" in refused.text) == (413, True)
    leave(client, kept)


def test_a_stream_without_end_is_cut_off(serve):
    """Of the gigabyte that would come, the server takes what it allows and no more."""
    with serve(body=100_000) as server, server.connect() as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        chunk, sent = b"2000\r\n" + b"x" * 0x2000 + b"\r\n", 0
        try:
            while sent < 2**30:
                connection.sendall(chunk)
                sent += 0x2000
        except ConnectionError:
            pass
        # What the kernels of both sides hold was sent, but never read by the server.
        assert sent < 32 * 2**20
        until(lambda: server.files() == [])
        assert server.painter.begun == []


def test_a_gigabyte_that_is_announced_is_refused_at_once(server):
    with server.connect() as connection:
        connection.sendall(head(length=2**30))
        status, told = answer(connection)
        assert status == 413
        assert told["message"] == "The upload is larger than 16 MiB. Send a smaller photo."


def test_a_body_shorter_than_announced_ends_in_time(serve):
    with serve(upload_seconds=0.4) as server, server.connect() as connection:
        connection.sendall(head(length=5000) + b"\xff\xd8\xff" + b"x" * 100)
        status, told = answer(connection)
        assert status == 408
        assert "took more than 0.4 s" in told["message"]
        assert server.files() == []


def test_a_body_longer_than_announced_is_not_read_on(serve):
    photo = picture()
    with serve() as server, server.connect() as connection:
        smuggled = b"POST /api/clips/x/leave HTTP/1.1\r\nHost: evil.example\r\n\r\n"
        connection.sendall(head(length=len(photo)) + photo + b"\0garbage" + smuggled)
        received = b""
        while part := connection.recv(65536):
            received += part
        assert received.startswith(b"HTTP/1.1 201")
        assert b"HTTP/1.1 400" in received and received.count(b"HTTP/1.1") == 2


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 10", "Content-Length: 20"),
        ("Content-Length: -1",),
        ("Content-Length: 1e3",),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Host: evil.example", "Content-Length: 5"),
    ],
)
def test_lengths_and_hosts_that_contradict_themselves(server, lines):
    with server.connect() as connection:
        connection.sendall(head(*lines) + b"12345")
        connection.shutdown(socket.SHUT_WR)
        status, told = answer(connection)
        assert status in (400, 501)
        if told:
            assert "came twice" in told["message"] or "in two ways" in told["message"]
    until(lambda: server.files() == [])


def test_a_slow_upload_runs_out_of_time(serve):
    with serve(upload_seconds=0.5) as server, server.connect() as connection:
        connection.sendall(head(length=1000))
        stop = threading.Event()

        def drip():
            while not stop.wait(0.05):
                try:
                    connection.send(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        status, _ = answer(connection)
        stop.set()
        thread.join()
        assert status in (408, 0)  # 0: the next drop came after the answer
        until(lambda: server.files() == [])


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"II*\0" + bytes(100),  # TIFF
        b"\xff\xd8\xff",  # only the start of a JPEG
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"RIFF\0\0\0\0WAVEfmt " + bytes(50),
        b"\0\0\0\x18ftypheic" + bytes(50),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"x",
    ],
)
def test_only_photos_by_content(server, client, content):
    refused = order(client, content)
    assert refused.status_code == 415
    assert "JPEG, PNG or WebP" in refused.json()["message"]
    assert server.files() == []


def test_a_mask_is_a_png(server, client):
    for mask in (picture(kind="JPEG"), picture(kind="WEBP"), b"\x89PNG"):
        refused = order(client, picture() + mask, moves="painted", mask_bytes=len(mask))
        assert refused.status_code == 415
        assert "a mask (PNG)" in refused.json()["message"]
    for length in (10**6, len(picture())):
        refused = order(client, picture(), moves="painted", mask_bytes=length)
        assert refused.status_code == 400
        assert f"mask_bytes is {length}, but all that came is" in refused.json()["message"]
    assert server.files() == []


def test_an_empty_body_and_another_type(client):
    empty = order(client, b"")
    assert (empty.status_code, "is empty" in empty.text) == (400, True)
    # A form of another page could send these without asking first.
    for kind in ("text/plain", "multipart/form-data; boundary=x", "image/png", ""):
        refused = order(client, headers={"Content-Type": kind})
        assert (refused.status_code, "octet-stream" in refused.text) == (415, True)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/server.py",
        "/static/....//server.py",
        "/static/..\\server.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/style.css%00.js",
        "/static/",
        "/../../etc/passwd",
        "/api/clips/../../../etc/passwd",
        "/api/clips/..%2f..%2f..%2fetc/passwd",
        "/api/clips/..",
        "/api/clips/%2e%2e/upload",
        "/api/clips/NAME/upload",
        "/api/clips/NAME/../upload",
        "/api/clips/NAME/..%2f..%2f..%2fetc%2fpasswd",
        "/api/clips/NAME/%2fetc%2fpasswd",
        "/api/clips/NAME%2fupload",
        "/api/clips/NAME%00/clip.mp4",
        "/api/clips/.%2fNAME/clip.mp4",
        "http://127.0.0.1/etc/passwd",
    ],
)
def test_no_name_is_a_path(server, client, path):
    ordered = order(client)
    name = ordered.json()["name"]
    finished(client, name)
    with server.connect() as connection:
        request = f"GET {path.replace('NAME', name)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        connection.sendall((request + "Connection: close\r\n\r\n").encode())
        assert answer(connection)[0] == 404
    leave(client, ordered)


def test_names_of_clips_cannot_be_guessed(client):
    ordered = [order(client) for _ in range(3)]
    names = {one.json()["name"] for one in ordered}
    assert len(names) == 3 and all(len(name) >= 22 for name in names)
    for one in ordered:
        leave(client, one)
    missing = client.get("/api/clips/x")
    assert (missing.status_code, "no longer here" in missing.text) == (404, True)
    assert client.get("/api/clips").status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:PORT"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://localhost:PORT"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_other_pages_may_not_order(server, client, headers):
    headers = {key: value.replace("PORT", str(server.port)) for key, value in headers.items()}
    refused = order(client, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["message"] == "Other pages may not use this one. Open it itself."
    ordered = order(client, headers={"Origin": f"http://{server.address}"})
    name = ordered.json()["name"]
    assert client.post(f"/api/clips/{name}/leave", headers=headers).status_code == 403
    assert client.get(f"/api/clips/{name}").status_code == 200  # still there
    options = client.options("/api/clips", headers=headers)
    assert "access-control-allow-origin" not in options.headers
    leave(client, ordered)


def test_other_pages_may_link_here_but_not_embed(client):
    other = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/", headers=other | {"Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert client.get("/api/about", headers=other | {"Sec-Fetch-Mode": "cors"}).is_error
    assert client.get("/static/style.css", headers=other).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("evil.example:PORT", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1:PORT@evil.example", 421),
        ("", 421),
        ("127.0.0.1:", 421),
        ("127.0.0.1:PORT", 200),
        ("LOCALHOST:PORT", 200),
        ("localhost.", 200),
        ("192.168.7.7", 200),
        ("[::1]:PORT", 200),
        ("[::1]", 200),
    ],
)
def test_names_that_point_here_without_leave(server, client, host, status):
    """DNS rebinding: the browser believes to talk to evil.example."""
    headers = {"Host": host.replace("PORT", str(server.port))}
    for path in ("/", "/api/about"):
        answered = client.get(path, headers=headers)
        assert answered.status_code == status
        assert status == 200 or "This server is not called" in answered.json()["message"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/about/", 404), ("/static/", 404), ("/nothing", 404), ("/api/clips", 405)],
)
def test_unknown_paths_are_guarded_too(client, path, status):
    refused = client.get(path, headers={"Host": "evil.example"})
    assert (refused.status_code, "location" in refused.headers) == (421, False)
    assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]
    assert client.get(path).status_code == status


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/about", "/nothing", "/api/clips/x"])
def test_every_answer_has_the_security_headers(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_fifty_visitors_at_once(serve):
    """Each gets a clip or a clear no; the machine holds no more than it said it would."""
    with serve(waiting=10, uploads=4) as server:
        server.painter.may_go.clear()
        statuses, most = [], []

        def visit(number):
            with server.client(f"127.0.1.{number}") as client:
                answered = order(client, seconds=1)
                statuses.append(answered.status_code)
                if answered.status_code == 503:
                    assert answered.headers["retry-after"]
                    assert "Try again" in answered.json()["message"]

        threads = [threading.Thread(target=visit, args=(n,)) for n in range(1, 51)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            most.append(server.files().count("upload"))
            time.sleep(0.01)
        assert len(statuses) == 50
        assert set(statuses) <= {201, 503} and 1 <= statuses.count(201) <= 10
        assert max(most) <= 10 + 4
        server.painter.may_go.set()
        until(lambda: len(server.painter.made) == statuses.count(201))


def test_rates_of_one_address(serve):
    with serve(orders_a_minute=2, waiting_each=9) as server, server.client() as client:
        assert [order(client).status_code for _ in range(3)] == [201, 201, 429]
        refused = order(client)
        assert 0 < int(refused.headers["retry-after"]) <= 30
        assert "That was too often. Wait" in refused.json()["message"]
        assert client.get("/").status_code == 200
        with server.client("127.0.0.2") as other:
            headers = {"X-Forwarded-For": "127.0.0.9", "Forwarded": "for=127.0.0.9"}
            assert order(other, headers=headers).status_code == 201
            assert order(client, headers=headers).status_code == 429  # no header says who asks


def test_requests_of_one_address(serve):
    with serve(requests_a_minute=5) as server, server.client() as client:
        statuses = [client.get("/api/about").status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        assert client.get("/nothing").status_code == 429
        assert client.get("/api/clips").status_code == 429  # else 405


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/api/clips?seconds=100", [], 400),
        ("/api/clips", ["Origin: http://evil.example"], 403),
        ("/nothing", [], 404),
        ("/api/about", [], 405),
    ],
)
def test_a_refused_body_is_taken_so_that_its_sender_is_shown_why(serve, path, more, status):
    """It comes after it has been refused: to who hangs up then, no answer would get through."""
    with serve() as server, server.connect() as connection:
        lines = ["Connection: close", *more]
        connection.sendall(head(*lines, length=2**20, path=path))
        time.sleep(0.3)
        connection.sendall(bytes(2**20))
        assert answer(connection)[0] == status


def test_clips_in_the_queue_of_one_address(serve):
    with serve(waiting_each=2) as server, server.client() as client:
        server.painter.may_go.clear()
        assert [order(client).status_code for _ in range(2)] == [201, 201]
        refused = order(client)
        assert refused.status_code == 429
        assert refused.json()["message"] == "2 clips of yours are being made. Wait for one."


def test_uploads_at_the_same_time(serve):
    with serve(uploads=2, uploads_each=1) as server, server.client() as client:
        with server.connect() as one, server.connect("127.0.0.2") as two:
            one.sendall(head(length=1000) + b"x")
            until(lambda: server.files() == ["upload"])
            refused = order(client)
            assert (refused.status_code, "still on its way" in refused.text) == (429, True)
            two.sendall(head(length=1000) + b"x")
            until(lambda: server.files() == ["upload", "upload"])
            with server.client("127.0.0.3") as third:
                refused = order(third)
                assert (refused.status_code, "Many photos" in refused.text) == (503, True)
        until(lambda: server.files() == [])
        assert order(client).status_code == 201


def test_a_visitor_who_leaves_in_mid_upload(serve):
    with serve() as server:
        for linger in (False, True):
            connection = server.connect()
            connection.sendall(head(length=10**6) + b"x" * 10**5)
            until(lambda: server.files() == ["upload"])
            if linger:  # a reset instead of a goodbye
                option = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            connection.close()
            until(lambda: server.files() == [])
        with server.client() as client:
            assert order(client).status_code == 201


def test_a_visitor_who_leaves_in_mid_download(serve):
    with serve() as server, server.client() as client:
        name = order(client).json()["name"]
        finished(client, name)
        (next(server.folder.rglob("clip.mp4"))).write_bytes(bytes(32 * 2**20))
        with server.connect() as connection:
            request = f"GET /api/clips/{name}/clip.mp4 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            connection.sendall(request.encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert client.post(f"/api/clips/{name}/leave").status_code == 204
        assert server.files() == []
        assert client.get("/").status_code == 200


def test_options_out_of_range(client):
    for query, message in [
        ({"speed": "1e9"}, "speed is a number from 0.25 to 3.0, got '1e9'"),
        ({"speed": "nan"}, "speed is a number"),
        ({"seconds": "9" * 5000}, "seconds is a number from 1.0 to 10.0"),
        ({"seed": "1_0"}, "seed is a number from 0 to 2147483647, got '1_0'"),
        ({"seed": "-1"}, "seed is a number"),
        ({"moves": "../x"}, "moves is everything, sky or painted, got '../x'"),
        ({"moves": "painted"}, "mask_bytes goes with moves=painted"),
        ({"mask_bytes": "5"}, "mask_bytes goes with moves=painted"),
        ({"path": "/etc/passwd"}, "Unknown option 'path'"),
    ]:
        refused = order(client, **query)
        assert refused.status_code == 400
        assert message in refused.json()["message"]


def test_a_photo_that_breaks_the_decoder_stops_nobody(serve):
    cut = picture(300, 200, "JPEG")[:-3000]
    broken = io.BytesIO(cut).getvalue()
    with serve(model=visitors.mover(), side=64) as server, server.client() as client:
        told = finished(client, order(client, broken).json()["name"])
        assert told["state"] == "failed"
        assert "Cannot read The photo as a photo" in told["message"]
        assert "/" not in told["message"]  # no path of the server
        mask = png_of(64, 48)
        masked = order(client, picture() + mask, moves="painted", mask_bytes=len(mask))
        told = finished(client, masked.json()["name"])
        assert told["state"] == "failed"
        assert "Cannot read The mask as a photo" in told["message"]
        assert "/" not in told["message"]
        assert finished(client, order(client, seconds=1).json()["name"])["state"] == "ready"
