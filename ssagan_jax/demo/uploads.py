"""Bodies of requests: read within limits of size and time, and known by content, not by name."""

import asyncio
import contextlib
import struct
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

from PIL import Image
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.orders import Refused
from ssagan_jax.io.photo_files import PHOTO_KINDS

_FORMATS = ("JPEG", "PNG", "WEBP")
_DRAIN = 10  # seconds
_PARTS = 1000  # before the pixels: cameras' files have dozens
_SCANS = 100  # of a progressive JPEG: usual ones have about ten, made-up ones a hundred thousand


class Gone(Exception):
    """The visitor left in the middle of an upload."""


async def receive_body(request: Request, path: Path, *, limits: Limits) -> int:
    """Writes a request's body to a file, as it comes; returns its length.

    Args:
      request: whose body has not been touched.
      path: a new file, at a name that the server made.
      limits: ``body`` and ``upload_seconds``.

    Raises:
      Refused: 413 too large (said at once where the length is announced, else as soon as it is),
        408 too slow, 400 empty.
      Gone: the connection was closed.
    """
    if _announced(request) > limits.body:
        raise _too_large(limits)
    length = 0
    try:
        async with asyncio.timeout(limits.upload_seconds):
            with open(path, "xb") as file:
                async for chunk in _chunks(request):
                    length += file.write(chunk)
                    if length > limits.body:
                        raise _too_large(limits)
    except TimeoutError as error:
        raise Refused(
            408, f"The upload took more than {limits.upload_seconds:g} s. Send a smaller photo."
        ) from error
    if length == 0:
        raise Refused(400, "The request is empty, expected a photo.")
    return length


class TakeBodies:
    """Reads and forgets what is left of a small body before a request is answered.

    Nobody is shown the answer of a server that hangs up while they still send.

    Args:
      app: what answers, perhaps without having read the body.
      limits: ``body``, its announced length at most, and ``upload_seconds``.
    """

    def __init__(self, app: ASGIApp, *, limits: Limits):
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_small(Request(scope)):
            await self._app(scope, receive, send)
            return
        clock = asyncio.get_running_loop().time
        more, end = True, clock() + self._limits.upload_seconds

        async def receive_noted() -> Message:
            nonlocal more
            message = await receive()
            more = message.get("more_body", False)
            return message

        async def send_after_that(message: Message) -> None:
            if message["type"] == "http.response.start":
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(min(end, clock() + _DRAIN)):
                        while more:
                            await receive_noted()
            await send(message)

        await self._app(scope, receive_noted, send_after_that)

    def _is_small(self, request: Request) -> bool:
        chunked = "transfer-encoding" in request.headers
        return 0 < _announced(request) <= self._limits.body and not chunked


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Gone
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _announced(request: Request) -> int:
    return int(request.headers.get("content-length", 0))


def split_mask(path: Path, mask: Path, *, mask_bytes: int) -> None:
    """Moves the last bytes of a file to another.

    Raises:
      Refused: 400, there are not so many.
    """
    content = path.read_bytes()
    if mask_bytes >= len(content):
        raise Refused(400, f"mask_bytes is {mask_bytes}, but all that came is {len(content)}.")
    mask.write_bytes(content[-mask_bytes:])
    path.write_bytes(content[:-mask_bytes])


def check_photo(path: Path, *, limits: Limits) -> None:
    """Looks at the first bytes only: nothing is decoded.

    Raises:
      Refused: 415 no JPEG, PNG or WebP; 413 more pixels than ``limits.pixels``.
    """
    _check(path, _FORMATS, f"a photo ({PHOTO_KINDS})", limits)


def check_mask(path: Path, *, limits: Limits) -> None:
    """As ``check_photo``, for a PNG."""
    _check(path, ("PNG",), "a mask (PNG)", limits)


def _check(path: Path, formats: tuple[str, ...], wanted: str, limits: Limits) -> None:
    kind = _kind(path)
    if kind not in formats:
        raise Refused(415, f"This is not {wanted}: its content is of another kind.")
    width, height = _size(path, kind, wanted)
    if width * height > limits.pixels:
        raise Refused(
            413,
            f"The picture has {width} x {height} pixels, more than the "
            f"{limits.pixels / 1e6:g} million that are read here. Send a smaller one.",
        )
    # Each scan of a progressive JPEG repaints the whole picture, and may take only bytes.
    if kind == "JPEG" and path.read_bytes().count(b"\xff\xda") > _SCANS:
        raise Refused(413, "The photo is a JPEG of too many scans. Save it anew and send that.")


def _kind(path: Path) -> str | None:
    with open(path, "rb") as file:
        start = file.read(12)
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    return "WEBP" if start[:4] == b"RIFF" and start[8:] == b"WEBP" else None


def _size(path: Path, kind: str, wanted: str) -> tuple[int, int]:
    try:
        if kind == "WEBP":
            return _webp_size(path)
        _check_parts(path.read_bytes(), kind)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=(kind,)) as image:
                return image.size
    except Image.DecompressionBombError as error:
        raise Refused(413, "The picture has far too many pixels. Send a smaller one.") from error
    except Exception as error:  # a damaged head can raise nearly anything
        raise Refused(415, f"This is not {wanted}: it is damaged.") from error


def _check_parts(content: bytes, kind: str) -> None:
    """Refuses a head of very many parts, all of which Pillow keeps, before it is given to Pillow.

    Raises:
      ValueError: it has more than ``_PARTS`` segments (JPEG) or chunks (PNG) before its pixels.
    """
    place = 2 if kind == "JPEG" else 8
    for _ in range(_PARTS):
        if kind == "PNG":
            if content[place + 4 : place + 8] in (b"IDAT", b""):
                return
            place += 12 + int.from_bytes(content[place : place + 4], "big")
            continue
        place = content.find(b"\xff", place)
        marker = content[place + 1 : place + 2]
        if place < 0 or marker in (b"", b"\xd9", b"\xda"):
            return
        alone = marker in (b"\x00", b"\x01", b"\xff") or b"\xd0" <= marker <= b"\xd8"
        place += 1 if alone else 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    raise ValueError(f"more than {_PARTS} parts before the pixels")


def _webp_size(path: Path) -> tuple[int, int]:
    """Pillow makes room for a WebP's pixels as it opens it, so its head is read here.

    Source: RFC 9649, sections 2.5 to 2.7.
    """
    with open(path, "rb") as file:
        head = file.read(30)
    chunk = head[12:16]
    if chunk == b"VP8X":
        width, height = head[24:27], head[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if chunk == b"VP8L" and head[20] == 0x2F:
        (bits,) = struct.unpack("<I", head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no known WebP")


def _too_large(limits: Limits) -> Refused:
    return Refused(
        413, f"The upload is larger than {limits.body / 2**20:g} MiB. Send a smaller photo."
    )
