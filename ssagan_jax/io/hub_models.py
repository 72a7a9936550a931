"""Models on the Hugging Face Hub, ``hf://ORG/NAME@REVISION``: files into its cache, files up.

The cache is that of ``huggingface_hub`` (``HF_HOME``), shared with whatever else uses it. With
``HF_HUB_OFFLINE=1``, or where the hub is out of reach, what it holds is taken.
"""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from ssagan_jax.io.hub import (
    HubFile,
    HubRepository,
    client,
    explaining,
    find_fault,
    open_repository,
)
from ssagan_jax.io.sealed_json import DamagedFile

SCHEME = "hf://"
EXAMPLE = "hf://ORG/NAME or hf://ORG/NAME@REVISION"
_ADDRESS = re.compile(r"hf://([\w.-]+/[\w.-]+)(?:@([\w./-]+))?", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")


def is_address(where: str | os.PathLike) -> bool:
    """Whether this names something on the hub."""
    return os.fspath(where).startswith(SCHEME)


def parse_address(address: str) -> tuple[str, str | None]:
    """``ORG/NAME``, and the branch, tag or commit where one is said.

    Raises:
      ValueError: if it is no address.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or ".." in address:
        raise ValueError(f"{address} is no model on the hub; expected {EXAMPLE}.")
    return found[1], found[2]


def fetch_cached(name: str, filename: str, *, revision: str | None, largest: int) -> Path:
    """A file of a model's repository, in the client's cache, in a folder named after the commit.

    Args:
      name: ``ORG/NAME``.
      filename: known to the caller: no name that the hub tells is ever a path.
      revision: a branch, tag or commit; None: the newest.
      largest: bytes; a larger file is not downloaded.

    Raises:
      ImportError: without huggingface_hub.
      FileNotFoundError: the hub has no such model, revision or file; or, offline, the cache.
      ValueError: the file is larger, or not what the hub promises: then it is deleted.
      OSError: the hub does not answer.
    """
    pinned = _COMMIT.fullmatch(revision or "")
    if (pinned or _is_offline()) and (path := _find_cached(name, filename, revision)):
        return path
    if _is_offline():
        raise FileNotFoundError(
            f"{filename} of {name}, {revision or 'main'}, is not in the cache "
            f"({client().constants.HF_HUB_CACHE}), and the hub is switched off (HF_HUB_OFFLINE)."
        )
    try:
        repository = open_repository(name, kind="model", revision=revision)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError as error:
        if not (path := _find_cached(name, filename, revision)):
            raise
        print(f"note: {error} Taken from the cache: {path}", file=sys.stderr)
        return path
    file = next((file for file in repository.files if file.name == filename), None)
    if file is None:
        raise FileNotFoundError(f"{name} on the hub has no {filename}: it is no model of ssagan.")
    if file.size > largest:
        raise ValueError(
            f"{filename} of {name} has {file.size} bytes, expected {largest} at most. It is not "
            "downloaded."
        )
    return _download(repository, file, revision)


def _download(repository: HubRepository, file: HubFile, revision: str | None) -> Path:
    with explaining(repository.name, revision):
        # By the branch's name, not its commit: then the cache knows the branch when offline.
        found = client().hf_hub_download(repository.name, file.name, revision=revision)
    path = Path(found)
    fault = None if path.parent.name == repository.commit else "the repository has just changed"
    fault = fault or find_fault(path, file)
    if fault:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise DamagedFile(
            f"{file.name} of {repository.name} came damaged: {fault}. It is deleted; start the "
            "same command again."
        )
    return path


def upload_files(
    name: str, files: Sequence[Path], *, message: str, private: bool, revision: str | None
) -> str:
    """Uploads files into the root of a model's repository, as one commit; makes what is missing.

    Args:
      name: ``ORG/NAME``.
      files: with names of their own.
      message: of the commit.
      private: whether the repository must be one that only its owners see.
      revision: the branch; None: ``main``.

    Returns:
      The commit.

    Raises:
      ImportError: without huggingface_hub.
      PermissionError: without a token, or one that may not write there.
      ValueError: the repository is there and everybody sees it, but ``private`` was asked.
      OSError: the hub does not answer.
    """
    hub = client()
    if not hub.get_token():
        raise PermissionError(
            "The hub needs to know who you are: set HF_TOKEN to a token that may write, or "
            "`hf auth login`."
        )
    api = hub.HfApi()
    with explaining(name, revision, writing=True):
        api.create_repo(name, private=private or None, exist_ok=True)
        public = private and not api.repo_info(name).private
    if public:
        raise ValueError(
            f"{name} is there already, and everybody sees it. Make it private on its page, take "
            "another name, or leave --private out."
        )
    with explaining(name, revision, writing=True):
        if revision:
            api.create_branch(name, branch=revision, exist_ok=True)
        additions = [
            hub.CommitOperationAdd(path_in_repo=file.name, path_or_fileobj=file) for file in files
        ]
        commit = api.create_commit(name, additions, commit_message=message, revision=revision)
    return commit.oid


def _is_offline() -> bool:
    return client().constants.HF_HUB_OFFLINE


def _find_cached(name: str, filename: str, revision: str | None) -> Path | None:
    found = client().try_to_load_from_cache(name, filename, revision=revision)
    return Path(found) if isinstance(found, str) else None
