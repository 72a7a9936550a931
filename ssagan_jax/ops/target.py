"""The backend that a computation is written for: this machine's, unless it is to leave it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import jax

_TARGET: ContextVar[str | None] = ContextVar("target", default=None)


def backend() -> str:
    """``cpu``, ``gpu`` or ``tpu``: what decides between forms of the same computation."""
    return _TARGET.get() or jax.default_backend()


@contextmanager
def written_for(name: str) -> Iterator[None]:
    """What is traced within it takes the forms of that backend, whatever this machine has."""
    token = _TARGET.set(name)
    try:
        yield
    finally:
        _TARGET.reset(token)
