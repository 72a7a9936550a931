"""Atomic writes: a file is either the old one or the complete new one, never half of it."""

import contextlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a new name beside ``path``; at the end the file there takes its place.

    If the body fails, what was at ``path`` stays and the partial file is removed.
    Missing folders are made. For a path in a bucket the new name is on this machine's disk.

    Raises:
      OSError: the file cannot be written. Names the path and what to do.
    """
    path = paths.path(path)
    with _partial_file(path) as partial:
        yield partial
        paths.put(partial, path)


def check_writable(path: str | os.PathLike) -> None:
    """Raises the OSError that writing to ``path`` would; leaves what is there alone.

    Makes the missing folders, and for a moment a file beside ``path``: permission
    bits alone do not tell (read-only mounts, root).
    """
    with _partial_file(Path(path)) as partial:
        partial.touch()


@contextlib.contextmanager
def _partial_file(path: AnyPath) -> Iterator[Path]:
    """A name for the unfinished file: beside ``path``, or on this machine's disk for a bucket."""
    name = f".{uuid.uuid4().hex}.partial"
    disk = Path(tempfile.gettempdir()) if paths.is_bucket(path) else path.parent
    partial = disk / name
    try:
        disk.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        yield partial
    except OSError as error:
        raise OSError(
            f"Cannot write {path}: {error.strerror or error}. Check permissions and free "
            "space, or choose another place."
        ) from error
    finally:
        with contextlib.suppress(OSError):  # "not a directory", when that was the problem
            partial.unlink(missing_ok=True)
