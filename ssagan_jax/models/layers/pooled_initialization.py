"""All random initial values from one draw.

XLA compiles code for every array that is drawn, and code that draws takes long to compile: with a
hundred kernels, as long as a training step. Within ``in_one`` the initialisers of
``layers.initializers`` cut their values from one flat array of each kind instead. They are as
independent as before, since no number is used twice.
"""

import math
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

KINDS = {
    "normal": jax.random.normal,  # N(0, 1)
    "uniform": partial(jax.random.uniform, minval=-1.0, maxval=1.0),
}
CHUNK = 2**20  # numbers drawn at a time


class _Pool:
    """Flat arrays by kind, and how much of each is used; no arrays: only counts."""

    def __init__(self, values: dict[str, jax.Array] | None = None):
        self.values, self.used = values, Counter()

    def take(self, kind: str, shape: tuple[int, ...]) -> jax.Array:
        start = self.used[kind]
        self.used[kind] += math.prod(shape)
        if self.values is None:
            return jnp.zeros(shape)
        return self.values[kind][start : self.used[kind]].reshape(shape)


_POOL: ContextVar[_Pool | None] = ContextVar("pool", default=None)


def draw(kind: str, key: jax.Array, shape: tuple[int, ...], dtype: Any = float) -> jax.Array:
    """Independent numbers of a kind; within ``in_one`` from its pool, and ``key`` is not used."""
    pool = _POOL.get()
    if pool is None:
        return KINDS[kind](key, shape, dtype)
    return pool.take(kind, shape).astype(dtype)


def in_one(make: Callable[[], Any], key: jax.Array) -> Any:
    """``make()``, in which every ``draw`` is cut from one array per kind, drawn by ``key``.

    ``make`` is traced twice, the first time to count. Call it under ``jax.jit``.
    """
    counting = _Pool()
    _with(counting, partial(jax.eval_shape, make))
    values = {
        kind: _flat(kind, jax.random.fold_in(key, number), counting.used[kind])
        for number, kind in enumerate(KINDS)
        if counting.used[kind]
    }
    return _with(_Pool(values), make)


def _with(pool: _Pool, function: Callable[[], Any]) -> Any:
    token = _POOL.set(pool)
    try:
        return function()
    finally:
        _POOL.reset(token)


def _flat(kind: str, key: jax.Array, size: int) -> jax.Array:
    """``size`` numbers, drawn in a loop: XLA would copy a draw without one into every cut."""
    chunk = min(-(-size // 2), CHUNK)  # two turns at least, for one is no loop
    numbers = jnp.arange(-(-size // chunk))

    def draw_chunk(number):
        return KINDS[kind](jax.random.fold_in(key, number), (chunk,))

    return jax.lax.map(draw_chunk, numbers).ravel()
