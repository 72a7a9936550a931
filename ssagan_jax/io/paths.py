"""Paths on disks and in buckets (``gs://BUCKET/FOLDER``), and how files are written to both.

A path on a disk is a ``pathlib.Path``, one in a bucket an ``etils.epath.Path``, used alike; ``~``
is the user's home, which shells do not put in for it after ``--option=``. In a
bucket a file appears whole or not at all; it is neither renamed nor appended to. So a file is
written on this machine and uploaded: by ``put`` once, by ``Mirror`` as it grows.
"""

import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TypeAlias

# By gcsfs, one client whatever else is installed: etils takes TensorFlow where it finds it.
os.environ.setdefault("EPATH_USE_TF", "false")

from etils import epath

from ssagan_jax.io.user_folders import expanded

AnyPath: TypeAlias = Path | epath.Path
PATIENCE = 30  # seconds: how long a bucket may not answer at the start
PERMISSIONS = (
    "It needs storage.buckets.get and storage.objects.create, delete, get, list (the roles Storage "
    "Object Admin and Storage Legacy Bucket Reader)."
)
TO_READ = "It needs storage.objects.get and list (the role Storage Object Viewer)."


def path(where: str | os.PathLike, *, to_read: bool = False) -> AnyPath:
    """A folder or file on a disk or in a bucket, as a path that can be used.

    Args:
      where: the path, or gs://BUCKET/FOLDER.
      to_read: whether nothing will be written there, which takes fewer permissions.

    Raises:
      ImportError: for a bucket without gcsfs.
      ValueError: for ``s3://`` and the like, or no bucket's name.
      OSError: if the bucket cannot be opened, saying why: it does not exist, no credentials, no
        permission, no answer.
    """
    text = os.fspath(where)
    if is_bucket(where):
        return where
    scheme, separator, rest = text.partition("://")
    if not separator:
        return expanded(where)
    bucket = rest.partition("/")[0]
    if scheme != "gs" or not bucket:
        raise ValueError(
            f"{text} cannot be used: expected a folder on a disk, or gs://BUCKET/FOLDER."
        )
    _reach(bucket, text, to_read)
    return epath.Path(text)


def is_bucket(where: str | os.PathLike) -> bool:
    """Whether this is a path in a bucket, as ``path`` makes it."""
    return isinstance(where, epath.Path)


def absolute(where: str | os.PathLike) -> str:
    """An absolute path, by the working directory; no disk and no bucket is asked."""
    text = os.fspath(where)
    return text if "://" in text else str(expanded(text).absolute())


def resolved(where: str | os.PathLike) -> AnyPath:
    """``path``, absolute and with links followed; errors as there."""
    found = path(where)
    return found if is_bucket(found) else found.resolve()


def on_disk(where: str | os.PathLike, what: str) -> Path:
    """The path of something that cannot be in a bucket.

    Args:
      where: the path.
      what: its name for messages, such as ``--output``.

    Raises:
      ValueError: if it is in a bucket.
    """
    text = os.fspath(where)
    if "://" in text:
        raise ValueError(
            f"{what} is {text}; expected a path on a disk of this machine. Only workdirs and built "
            "data sets may be in a bucket: copy the rest (gcloud storage cp -r)."
        )
    return expanded(where)


def size(file: AnyPath) -> int:
    """Bytes of a file; raises ``OSError`` if there is none."""
    return epath.Path(file).stat().length


def sizes(folder: AnyPath) -> dict[str, int]:
    """Bytes of every file below a folder, by ``sub/file``; in a bucket it is listed once.

    Returns:
      Nothing for a folder that is not there.
    """
    if not is_bucket(folder):
        walk = os.walk(folder, followlinks=True)
        files = (Path(root, name) for root, _, names in walk for name in names)
        return {
            file.relative_to(folder).as_posix(): file.stat().st_size
            for file in files
            if file.is_file()
        }
    import fsspec

    found = fsspec.filesystem("gs").find(str(folder), detail=True)
    start = len(f"{folder}/".removeprefix("gs://"))
    return {name[start:]: int(entry["size"]) for name, entry in found.items()}


def put(file: Path, target: AnyPath) -> None:
    """Puts a finished file at ``target``: renamed on a disk, uploaded to a bucket.

    Raises:
      OSError: if that fails.
    """
    if not is_bucket(target):
        os.replace(file, target)
        return
    try:
        target.write_bytes(file.read_bytes())
    except Exception as error:  # gcsfs and aiohttp have their own
        raise OSError(f"{type(error).__name__}: {error}") from error


class Mirror:
    """The folder in which files of a workdir grow: on a disk the workdir itself, else a local copy.

    Attributes:
      folder: where to write.
      uploads: whether the workdir is in a bucket.
    """

    def __init__(self, workdir: str | os.PathLike) -> None:
        self._workdir = path(workdir)
        self.uploads = is_bucket(self._workdir)
        self.folder = self._workdir
        if self.uploads:
            self.folder = Path(tempfile.mkdtemp(prefix="ssagan-"))

    def fetch(self, name: str) -> Path:
        """Brings a file of the workdir into ``folder``, to append to; returns its path there."""
        file, there = self.folder / name, self._workdir / name
        if self.uploads and there.exists():
            file.write_bytes(there.read_bytes())
        return file

    def upload(self) -> None:
        """Uploads every file of ``folder`` to the bucket; raises ``OSError`` if that fails."""
        if not self.uploads:
            return
        for file in sorted(self.folder.rglob("*")):
            if file.is_file():
                put(file, self._workdir / file.relative_to(self.folder).as_posix())

    def close(self) -> None:
        """Uploads, and removes the local copy.

        Raises:
          OSError: if the upload fails; then the local copy stays.
        """
        try:
            self.upload()
        except OSError as error:
            raise OSError(
                f"{error}. What {self._workdir} lacks is in {self.folder}: copy it "
                "(gcloud storage cp -r), or start the same command again, which goes on."
            ) from error
        if self.uploads:
            shutil.rmtree(self.folder)


@functools.cache
def _reach(bucket: str, where: str, to_read: bool) -> None:
    """Opens the bucket once, so that what is wrong is known before anything is done."""
    try:
        import fsspec
        import gcsfs
        from google.api_core.exceptions import Forbidden, NotFound, Unauthorized
        from google.auth.exceptions import GoogleAuthError
        from google.cloud import storage
    except ImportError as error:
        raise ImportError(
            f"{where} is in a bucket, which needs the package {error.name}: "
            "pip install 'ssagan_jax[gcs]'"
        ) from error
    # Arrays are written by another client, Orbax's: a list that gcsfs remembers would lack them.
    for protocol in gcsfs.GCSFileSystem.protocol:
        fsspec.config.conf.setdefault(protocol, {}).setdefault("use_listings_cache", False)
    try:
        retry = storage.retry.DEFAULT_RETRY.with_timeout(PATIENCE)
        client, patience = storage.Client(), {"retry": retry, "timeout": PATIENCE}
        if to_read:
            list(client.list_blobs(bucket, max_results=1, **patience))
        else:
            client.get_bucket(bucket, **patience)  # as Orbax will
    except NotFound as error:
        raise FileNotFoundError(
            f"{where}: there is no bucket {bucket}. Check the name, or make it: gcloud storage "
            f"buckets create gs://{bucket}"
        ) from error
    except GoogleAuthError as error:
        raise PermissionError(
            f"{where}: no credentials for Google Cloud were found ({error}). On your own machine: "
            "gcloud auth application-default login; on one of Google's: give it a service account."
        ) from error
    except (Forbidden, Unauthorized) as error:
        raise PermissionError(f"{where}: {error}. {TO_READ if to_read else PERMISSIONS}") from error
    except Exception as error:
        raise OSError(f"{where}: the bucket {bucket} does not answer: {error}.") from error
