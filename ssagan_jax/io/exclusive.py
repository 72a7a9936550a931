"""A file that only one of several writers can make, on a disk or in a bucket."""

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
