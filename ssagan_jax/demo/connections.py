"""Connections that cost little: closed when silent or slow, and not too many of one address."""

from collections import Counter

from uvicorn.protocols.http.h11_impl import H11Protocol

from ssagan_jax.demo.device_files import DEVICE
from ssagan_jax.demo.guards import network_of
from ssagan_jax.demo.limits import Limits

_AT_WORK = object()


def make_protocol(limits: Limits) -> type[H11Protocol]:
    """uvicorn's protocol with limits of its own.

    uvicorn waits without end for the rest of a request's head and for a client that reads no more,
    and its ``limit_concurrency`` lets one address take all connections.
    """
    open_of: Counter[str] = Counter()

    class Connection(H11Protocol):
        def connection_made(self, transport):
            super().connection_made(transport)
            self._silence = None
            self._under_way, self._since = None, 0.0
            self._address = network_of((transport.get_extra_info("peername") or ("",))[0])
            open_of[self._address] += 1
            each, most = limits.connections_each, limits.connections
            if open_of[self._address] > each or open_of.total() > most:
                transport.abort()
            else:
                self._look(_AT_WORK)

        def connection_lost(self, exc):
            if self._silence:
                self._silence.cancel()
            open_of[self._address] -= 1
            if not open_of[self._address]:
                del open_of[self._address]
            super().connection_lost(exc)

        def _look(self, before):
            """Closes a connection that was between two requests at the last look and still is.

            And one whose answer takes too long.
            """
            between = self.cycle is None or self.cycle.response_complete
            if self.cycle is before if between else self._overdue():
                self.transport.abort()
                return
            now = self.cycle if between else _AT_WORK
            self._silence = self.loop.call_later(limits.head_seconds, self._look, now)

        def _overdue(self):
            if self.cycle is not self._under_way:
                self._under_way, self._since = self.cycle, self.loop.time()
            device = self.scope["path"].startswith(DEVICE)
            most = limits.device_seconds if device else limits.response_seconds
            return self.loop.time() - self._since > most

    return Connection
