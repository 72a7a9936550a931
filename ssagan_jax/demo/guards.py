"""What every request passes (who asks, from which page, how often) and every answer says."""

import ipaddress
import math
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ssagan_jax.demo.orders import Refused

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
# Where clips can be made on the visitor's device. WebAssembly is compiled there, in workers; its
# threads need memory that they share, which browsers give only to pages that load nothing of
# others'.
ON_DEVICE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
        "default-src 'self'; ",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; ",
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
}
_SAFE = ("GET", "HEAD")


class AddHeaders:
    """Adds headers to every answer that does not have them itself.

    Args:
      app: what answers.
      headers: ``HEADERS`` or ``ON_DEVICE_HEADERS``.
    """

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]):
        self._app, self._added = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_headed)


class CheckRequests:
    """Lets through only requests that pass a check: to any path, known or not.

    Args:
      app: what they go to.
      check: raises Refused.
      refusal: makes the answer then.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        check: Callable[[Scope], None],
        refusal: Callable[[Request, Refused], Awaitable[Response]],
    ):
        self._app, self._check, self._refusal = app, check, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._app
        if scope["type"] == "http":
            try:
                self._check(scope)
            except Refused as error:
                answer = await self._refusal(Request(scope), error)
        await answer(scope, receive, send)


async def refusal(_: Request, error: Refused) -> Response:
    """JSON with the line as its ``message``; the connection is closed."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    return JSONResponse(
        {"message": str(error)}, status_code=error.status, headers=headers | {"Connection": "close"}
    )


async def other(_: Request, error: HTTPException) -> Response:
    """The answer to a path or method that no route has."""
    return PlainTextResponse("There is nothing here.", status_code=error.status_code)


async def broken(_: Request, error: Exception) -> Response:
    """The answer to a fault of ours, which is logged. No middleware sees it: it has its headers."""
    text = "Something went wrong here. Try again, or tell who runs this page."
    return JSONResponse({"message": text}, status_code=500, headers=HEADERS)


HANDLERS: dict[Any, Callable[..., Awaitable[Response]]] = {
    Refused: refusal,
    HTTPException: other,
    Exception: broken,
}


def own_names(host: str) -> frozenset[str]:
    """The names that this machine goes by, in lower case; addresses are always allowed."""
    machine = socket.gethostname().lower()
    short = machine.partition(".")[0]
    return frozenset({"localhost", host.lower(), machine, short, f"{short}.local"})


def check_host(headers: Mapping[str, str], names: frozenset[str]) -> None:
    """Only names of this machine and plain addresses: no other name can be made to point here.

    (By "DNS rebinding" a page of a stranger's name becomes a page of this server.)

    Raises:
      Refused: 421.
    """
    host = headers.get("host", "")
    name = _host_name(host)
    if name is None or not (name in names or _is_address(name)):
        raise Refused(421, f"This server is not called {host[:80]!r}. Use its address.")


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """Only the demo's own page may change anything, and no page of others may show its clips.

    Programs that are no browsers send neither header, and pass.

    Raises:
      Refused: 403.
    """
    site = headers.get("sec-fetch-site", "none")
    moved_here = method in _SAFE and headers.get("sec-fetch-mode") == "navigate"
    if site not in ("same-origin", "none") and not moved_here:
        raise Refused(403, "Other pages may not use this one. Open it itself.")
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{headers.get('host', '')}".lower():
        raise Refused(403, "Other pages may not use this one. Open it itself.")


class RateLimiter:
    """At most so many events a minute for each address: a bucket that refills steadily."""

    def __init__(self, a_minute: int, *, clock: Callable[[], float] = time.monotonic):
        self._most, self._clock = a_minute, clock
        self._buckets: dict[str, tuple[float, float]] = {}  # what is left, and when that was

    def take(self, address: str) -> None:
        """Counts one event.

        Raises:
          Refused: 429, saying how long to wait.
        """
        now = self._clock()
        left = self._left(address, now)
        if left < 1:
            wait = math.ceil((1 - left) * 60 / self._most)
            raise Refused(429, f"That was too often. Wait {wait} s.", retry_after=wait)
        self._buckets[address] = left - 1, now

    def forget(self) -> None:
        """Drops the addresses that have not been heard of for long enough."""
        now = self._clock()
        full = [name for name in self._buckets if self._left(name, now) >= self._most]
        for name in full:
            del self._buckets[name]

    def __len__(self) -> int:
        return len(self._buckets)

    def _left(self, address, now):
        left, then = self._buckets.get(address, (self._most, now))
        return min(self._most, left + (now - then) * self._most / 60)


def make_check(host: str, requests: RateLimiter) -> Callable[[Scope], None]:
    """What every request has to pass: a known host, the rate of its address, its own page.

    Args:
      host: what the server was bound to.
      requests: the rate of all requests.
    """
    names = own_names(host)

    def check(scope: Scope) -> None:
        headers = headers_of(scope)
        check_host(headers, names)
        requests.take(address_of(scope))
        check_origin(scope["method"], headers)

    return check


class Slots:
    """At most so many at a time, and of one address."""

    def __init__(self, most: int, each: int):
        self._most, self._each = most, each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, address: str) -> Iterator[None]:
        """Holds one slot.

        Raises:
          Refused: 429 the address has as many as it may, 503 all are taken.
        """
        if self._taken[address] >= self._each:
            raise Refused(429, "Your last photo is still on its way. Wait for it.", retry_after=5)
        if self._taken.total() >= self._most:
            raise Refused(503, "Many photos are on their way. Try again soon.", retry_after=5)
        self._taken[address] += 1
        try:
            yield
        finally:
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]


def address_of(scope: Scope) -> str:
    """Who asks: the network address; of IPv6 the network, since one visitor has all of that."""
    return network_of((scope.get("client") or ("",))[0])


def network_of(host: str) -> str:
    """As ``address_of``, of an address in words."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4:
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def headers_of(scope: Scope) -> Headers:
    """The headers of a request.

    Raises:
      Refused: 400, those that decide contradict each other, so that two readers may differ.
    """
    headers = Headers(scope=scope)
    for name in ("host", "origin", "sec-fetch-site", "content-length"):
        if len(headers.getlist(name)) > 1:
            raise Refused(400, f"The header {name} came twice.")
    if "content-length" in headers and "transfer-encoding" in headers:
        raise Refused(400, "The length is given in two ways.")
    return headers


def _host_name(host: str) -> str | None:
    """``name`` of ``name:port`` and ``[address]:port``, in lower case."""
    name, colon, port = host.rpartition(":")
    if not colon or (host.startswith("[") and host.endswith("]")):
        name, port = host, "0"
    if not (port.isascii() and port.isdigit()):
        return None
    return name.lower().removesuffix(".") or None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
