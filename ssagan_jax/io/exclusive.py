"""What only one of several processes can have: a file it makes, on a disk or in a bucket, or a
lock on a disk.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ssagan_jax.io import paths
from ssagan_jax.io.paths import AnyPath


def create(path: AnyPath, text: str) -> bool:
    """Makes the file, unless it is there; of several at one moment exactly one makes it.

    Returns:
      Whether this call made it.

    Raises:
      OSError: if it cannot be written.
    """
    if paths.is_bucket(path):
        return _create_in_bucket(path, text)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


@contextlib.contextmanager
def holding(path: Path, wait: Callable[[], None]) -> Iterator[None]:
    """Holds a lock file, made if need be, which stays; one holder at a time.

    The kernel takes it back when its holder ends, however that ends.

    Args:
      path: on a disk.
      wait: called again and again while another one holds it, to sleep and tell.

    Raises:
      OSError: if it cannot be made.
    """
    import fcntl  # there is none on Windows, where nothing else here needs it

    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                wait()
        yield


def _create_in_bucket(path: AnyPath, text: str) -> bool:
    from google.api_core.exceptions import PreconditionFailed
    from google.cloud import storage

    bucket, _, name = str(path).removeprefix("gs://").partition("/")
    blob = storage.Client().bucket(bucket).blob(name)
    try:
        blob.upload_from_string(text, if_generation_match=0)  # 0: there is no such object
    except PreconditionFailed:
        return False
    return True
