"""Downloads the originals of a data set from a mirror on the Hugging Face Hub."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from ssagan_jax.data.building.unpacking import SUFFIXES, is_archive, place_below, unpack
from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.hub import HubFile, HubRepository, fetch_file, open_repository
from ssagan_jax.io.sealed_json import read_sealed, seal

DOWNLOADS = ".downloads"  # where the archives come to, in the folder that they are unpacked into
DONE = "fetched.json"  # says what the folder holds


def fetch_originals(
    mirrors: Sequence[str],
    folder: Path,
    *,
    roots: Sequence[str],
    repo: str | None = None,
    revision: str | None = None,
    keep_archives: bool = False,
) -> str:
    """Downloads, checks and unpacks a data set; a second call goes on where the first stopped.

    Args:
      mirrors: repositories ``ORG/NAME``, tried in turn.
      folder: where to; made if need be.
      roots: the folders of the data set, that must be in the archives or in the repository.
      repo: the only one to take, another than those; None: one of them.
      revision: of the repository; None: the newest.
      keep_archives: leave the archives in ``folder/.downloads`` when they are unpacked.

    Returns:
      The repository and commit that the folder holds.

    Raises:
      ImportError: without huggingface_hub.
      FileNotFoundError: if none of the mirrors can be read or has what is looked for.
      ValueError: for a damaged archive, or one that leads out of the folder; or the folder holds
        another repository or revision than is asked for.
      OSError: if the hub does not answer, or the disk is too small.
    """
    done = folder / DONE
    if done.exists():
        held = read_sealed(done)
        _check_held(held, folder, repo=repo, revision=revision)
        return _name(held)
    folder.mkdir(parents=True, exist_ok=True)
    repository, files = _open_mirror((repo,) if repo else mirrors, roots, revision)
    _check_space(folder, files, roots)
    for file in files:
        if is_archive(file.name):
            unpack(fetch_file(repository, file, folder / DOWNLOADS), folder, roots=roots)
        elif place := place_below(file.name, roots):
            _fetch_single(repository, file, folder, place)
    if not keep_archives:
        shutil.rmtree(folder / DOWNLOADS, ignore_errors=True)
    content = {
        "repository": repository.name,
        "commit": repository.commit,
        "revision": revision or "",
    }
    with replacing(done) as partial:
        partial.write_text(json.dumps(seal(content), indent=1) + "\n", encoding="utf-8")
    return _name(content)


def _check_held(held: dict, folder: Path, *, repo: str | None, revision: str | None) -> None:
    """Raises ValueError unless what the folder holds is what is asked for."""
    same = revision in (None, held["commit"], held.get("revision"))
    if repo not in (None, held["repository"]) or not same:
        raise ValueError(
            f"{folder} holds {_name(held)}, which is not what is asked for. Choose another folder: "
            "--to=DIR."
        )


def _name(content: dict) -> str:
    return f"{content['repository']} at {content['commit']}"


def _open_mirror(
    mirrors: Sequence[str], roots: Sequence[str], revision: str | None
) -> tuple[HubRepository, list[HubFile]]:
    """The first mirror that can be read, and what to take of it."""
    faults = []
    for name in mirrors:
        try:
            repository = open_repository(name, kind="dataset", revision=revision)
        except FileNotFoundError as error:
            faults.append(str(error))
            continue
        files = [
            file
            for file in repository.files
            if is_archive(file.name) or place_below(file.name, roots)
        ]
        if files:
            return repository, files
        faults.append(f"{name} has neither {' and '.join(roots)} nor an archive.")
    raise FileNotFoundError(
        f"No mirror has the data set. {' '.join(faults)} Another one: --repo=ORG/NAME (an archive: "
        f"{', '.join(SUFFIXES)}; or the folders themselves)."
    )


def _check_space(folder: Path, files: Sequence[HubFile], roots: Sequence[str]) -> None:
    """Raises OSError if what is still to come, packed and unpacked, has no room."""
    packed = [file for file in files if is_archive(file.name)]
    missing = sum(f.size for f in packed if not (folder / DOWNLOADS / f.name).exists())
    unpacked = sum(file.size for file in packed)  # JPEGs hardly shrink
    single = sum(file.size for file in files if file not in packed)
    there = sum(sum(paths.sizes(folder / root).values()) for root in roots)
    free, needed = shutil.disk_usage(folder).free, missing + max(0, unpacked + single - there)
    if free < needed:
        raise OSError(
            f"{folder} has {free / 1e9:.1f} GB of room, and {needed / 1e9:.1f} GB are needed: "
            "the archives, and what is in them. Choose another disk: --to=DIR."
        )


def _fetch_single(repository: HubRepository, file: HubFile, folder: Path, place: Path) -> None:
    """A file that lies in the repository as it is: fetched to where one of an archive would be."""
    target = folder / place
    if target.is_file() and target.stat().st_size == file.size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fetch_file(repository, file, folder / DOWNLOADS).replace(target)
