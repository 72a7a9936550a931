"""Folders of the user who runs this, who may have no home and no name (as in some containers)."""

import atexit
import functools
import os
import shutil
import sys
import tempfile
from pathlib import Path


def cache_folder(name: str) -> Path:
    """Where this package keeps what it can make again: ``~/.cache/ssagan_jax/NAME``.

    XDG_CACHE_HOME counts. Where nothing can be written there, a temporary folder, with a note.
    """
    found = _cache()
    if found is None:
        return _temporary() / name
    return found / name


def expanded(path: str | os.PathLike[str]) -> Path:
    """The path with ``~`` as the user's home.

    Raises:
      ValueError: if it has a ``~``, and the home is not known.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ValueError(
            f"{path}: the home folder that ~ stands for is not known (HOME is not set, or there is "
            "no such user). Give the whole path."
        ) from error


def _cache() -> Path | None:
    """The folder, made if need be; None if it cannot be."""
    try:
        folder = expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "ssagan_jax"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        return None
    return folder if os.access(folder, os.W_OK) else None


@functools.cache
def _temporary() -> Path:
    """One for each process, deleted at its end: programs that others can write are not run.

    Matplotlib, which would make another one and say so too, has its own in there.
    """
    folder = Path(tempfile.mkdtemp(prefix="ssagan-cache-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))
    print(
        f"There is no home folder to write to: compiled programs and the like are in {folder} "
        "until this process ends. To keep them, set XDG_CACHE_HOME to a folder.",
        file=sys.stderr,
        flush=True,
    )
    return folder
