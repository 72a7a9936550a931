"""Files of a repository on the Hugging Face Hub: listed, fetched and checked.

Through ``huggingface_hub`` (extra ``hub``), which goes on where a download stopped and shows a bar.
Its environment variables hold: ``HF_TOKEN``, ``HF_ENDPOINT``, ``HF_HUB_OFFLINE``.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ssagan_jax.io.sealed_json import DamagedFile

_BLOCK = 2**22  # bytes read at a time


@dataclass(frozen=True)
class HubFile:
    """A file of a repository.

    Attributes:
      name: its path in the repository, with slashes.
      size: in bytes.
      sha256: hexadecimal; None for small files, of which the hub keeps none.
    """

    name: str
    size: int
    sha256: str | None


@dataclass(frozen=True)
class HubRepository:
    """A repository at one commit."""

    name: str
    kind: str  # "dataset" or "model"
    commit: str
    files: tuple[HubFile, ...]


def open_repository(name: str, *, kind: str, revision: str | None = None) -> HubRepository:
    """Lists the files of a repository.

    Args:
      name: ``ORG/NAME``.
      kind: ``dataset`` or ``model``.
      revision: a branch, tag or commit; None: the newest.

    Raises:
      ImportError: without huggingface_hub.
      FileNotFoundError: if there is no such repository or revision, or it is not for everybody.
      ValueError: if the name is none.
      OSError: if the hub does not answer.
    """
    with explaining(name, revision):
        found = (
            client().HfApi().repo_info(name, repo_type=kind, revision=revision, files_metadata=True)
        )
    files = (
        HubFile(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else None)
        for file in found.siblings or ()
    )
    return HubRepository(name, kind, found.sha or "main", tuple(files))


def fetch_file(repository: HubRepository, file: HubFile, folder: Path) -> Path:
    """Downloads a file to ``folder / file.name``, or goes on with it, and checks it.

    Raises:
      ssagan_jax.io.sealed_json.DamagedFile: if it is another than the hub promises; it is deleted.
      OSError: as ``open_repository``.
    """
    with explaining(repository.name, repository.commit):
        path = (
            client()
            .HfApi()
            .hf_hub_download(
                repository.name,
                file.name,
                repo_type=repository.kind,
                revision=repository.commit,
                local_dir=folder,
            )
        )
    fault = find_fault(Path(path), file)
    if fault:
        Path(path).unlink()
        raise DamagedFile(
            f"{file.name} of {repository.name} came damaged: {fault}. It is deleted; start the "
            "same command again."
        )
    return Path(path)


def find_fault(path: Path, file: HubFile) -> str | None:
    """How a file differs from what the hub promises, or None."""
    size = path.stat().st_size
    if size != file.size:
        return f"{size} bytes, expected {file.size}"
    if file.sha256 is None:
        return None
    digest = hashlib.sha256()
    bar = tqdm(
        total=size, desc=f"check {path.name}", unit="B", unit_scale=True, disable=None, leave=False
    )
    with bar, path.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
            bar.update(len(block))
    found = digest.hexdigest()
    return None if found == file.sha256 else f"its SHA-256 is {found}, expected {file.sha256}"


def client() -> Any:
    """The module ``huggingface_hub``; raises ``ImportError``, saying how to install it."""
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
    except ImportError as error:
        raise ImportError(
            "The Hugging Face Hub needs a package: pip install 'ssagan_jax[hub]'"
        ) from error
    return huggingface_hub


@contextlib.contextmanager
def explaining(name: str, revision: str | None, *, writing: bool = False) -> Iterator[None]:
    """Turns the client's many errors into ours, one line each."""
    errors = client().errors
    try:
        yield
    except errors.HFValidationError as error:
        raise ValueError(f"{name} is no repository's name; expected ORG/NAME.") from error
    except errors.RevisionNotFoundError as error:
        raise FileNotFoundError(f"{name} on the hub has no revision {revision}.") from error
    except errors.GatedRepoError as error:
        raise FileNotFoundError(
            f"{name} on the hub is gated: accept its terms on its page, then set HF_TOKEN."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise FileNotFoundError(
            f"There is no {name} on the hub, or it is private. Check the name; for a private one "
            "set HF_TOKEN."
        ) from error
    except errors.HfHubHTTPError as error:
        raise _of_status(name, error, writing) from error
    except errors.OfflineModeIsEnabled as error:
        raise OSError(f"{name}: the hub is switched off (HF_HUB_OFFLINE is set).") from error
    except Exception as error:  # of the client, and of its client of HTTP
        raise _unexpected(name, error, writing) from error


def _of_status(name: str, error: Any, writing: bool) -> OSError:
    if error.response.status_code in (401, 403):
        advice = (
            "Set HF_TOKEN to a token that may write there."
            if writing
            else "The token may have expired: renew it, or unset HF_TOKEN."
        )
        return PermissionError(f"{name}: the hub does not allow it. {advice}")
    return _unexpected(name, error, writing)


def _unexpected(name: str, error: Exception, writing: bool) -> OSError:
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    again = "Start the same command again" + ("." if writing else ": what has come is kept.")
    return OSError(f"{name}: the hub does not answer as expected: {reason}. {again}")
