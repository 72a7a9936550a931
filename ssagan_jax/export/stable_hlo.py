"""StableHLO by ``jax.export``: one file for cpu, cuda and tpu, weights within."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jax
import jax.numpy as jnp

from ssagan_jax.export.function import Function

PLATFORMS = ("cpu", "cuda", "tpu")
_SOURCES = "jax_traceback_in_locations_limit"
LOADING = (
    "# pip install jax flatbuffers",
    "from pathlib import Path",
    "from jax import export",
    'animate = export.deserialize(Path("{name}").read_bytes()).call',
    "{results} = map(animate(photo).get, {names})",
)


def check_packages() -> None:
    """Raises ImportError if a package is missing."""
    try:
        import flatbuffers  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "StableHLO files are written with flatbuffers: pip install flatbuffers"
        ) from error


def write_program(function: Function, path: Path, *, batch: int | None) -> None:
    """Writes one file; arguments as ``export``, ``batch`` None for any number of photos."""
    [size] = jax.export.symbolic_shape("b") if batch is None else [batch]
    photos = jax.ShapeDtypeStruct((size, function.size, function.size, 3), jnp.float32)
    run = jax.jit(lambda photos: function.many(function.variables, photos))
    with without_sources():
        path.write_bytes(jax.export.export(run, platforms=PLATFORMS)(photos).serialize())


@contextmanager
def without_sources() -> Iterator[None]:
    """What is lowered within it does not name the files and lines that it comes from."""
    before = getattr(jax.config, _SOURCES)
    jax.config.update(_SOURCES, 0)
    try:
        yield
    finally:
        jax.config.update(_SOURCES, before)
