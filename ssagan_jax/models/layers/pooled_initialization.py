"""All random initial values of networks from one draw.

XLA compiles code for every array that is drawn, and code that draws takes long to compile: with a
hundred kernels, as long as a training step. ``initialise_pooled`` gives the initialisers of
``layers.initializers`` a ``draw`` that cuts their values from one flat array of each kind instead.
They are as independent as before, since no number is used twice.
"""

import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

import jax
import jax.numpy as jnp

KINDS: dict[str, Callable[..., jax.Array]] = {
    "normal": jax.random.normal,  # N(0, 1)
    "uniform": partial(jax.random.uniform, minval=-1.0, maxval=1.0),
}
CHUNK = 2**20  # numbers drawn at a time
T = TypeVar("T")


@runtime_checkable
class Draw(Protocol):
    """Independent random numbers of a kind in ``KINDS``."""

    def __call__(
        self, kind: str, key: jax.Array, shape: tuple[int, ...], dtype: Any = float
    ) -> jax.Array: ...


def draw_by_key(kind: str, key: jax.Array, shape: tuple[int, ...], dtype: Any = float) -> jax.Array:
    """Numbers that the key decides."""
    return KINDS[kind](key, shape, dtype)


class _Pool:
    """Flat arrays by kind, and how much of each is used; no arrays: only counts."""

    def __init__(self, values: dict[str, jax.Array] | None = None):
        self.values = values
        self.used: Counter[str] = Counter()

    def draw(
        self, kind: str, key: jax.Array, shape: tuple[int, ...], dtype: Any = float
    ) -> jax.Array:
        """The next numbers of the pool; ``key`` is not used."""
        start = self.used[kind]
        self.used[kind] += math.prod(shape)
        if self.values is None:
            return jnp.zeros(shape, dtype)
        return self.values[kind][start : self.used[kind]].reshape(shape).astype(dtype)


def initialise_pooled(make: Callable[[Draw], T], key: jax.Array) -> T:
    """``make(draw)``, where each ``draw`` is cut from one array per kind, drawn by ``key``.

    ``make`` is traced twice, the first time to count. Call it under ``jax.jit``.
    """
    counting = _Pool()
    jax.eval_shape(partial(make, counting.draw))
    values = {
        kind: _draw_flat(kind, jax.random.fold_in(key, number), counting.used[kind])
        for number, kind in enumerate(KINDS)
        if counting.used[kind]
    }
    return make(_Pool(values).draw)


def _draw_flat(kind: str, key: jax.Array, size: int) -> jax.Array:
    """``size`` numbers, drawn in a loop: XLA would copy a draw without one into every cut."""
    chunk = min(-(-size // 2), CHUNK)  # two turns at least, for one is no loop
    numbers = jnp.arange(-(-size // chunk))

    def draw_chunk(number):
        return KINDS[kind](jax.random.fold_in(key, number), (chunk,))

    return jax.lax.map(draw_chunk, numbers).ravel()
