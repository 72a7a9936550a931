"""The manifest of a folder: size and SHA-256 of every file, so that each byte can be checked.

``manifest.json`` lies in the folder and is written last. It carries its own digest
(``io.sealed_json``).
"""

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.io.sealed_json import DamagedFile, differing, read_sealed, seal

MANIFEST = "manifest.json"
_FORMAT = 1
_CHUNK = 1 << 20  # bytes: hashlib lets other threads run for as long

Entry = dict[str, Any]  # "size" in bytes, "sha256"


def write_manifest(folder: AnyPath) -> None:
    """Writes the manifest of what is in the folder now, folders in it included.

    Raises:
      OSError: if a file cannot be read, or the manifest not be written.
    """
    names = sorted(list_sizes(folder))
    with ThreadPoolExecutor(_threads()) as pool:
        entries = list(pool.map(lambda name: describe(folder / name), names))
    write_entries(folder, dict(zip(names, entries, strict=True)))


def write_entries(folder: AnyPath, entries: Mapping[str, Entry]) -> None:
    """Writes a manifest of these files, by their names in the folder; nothing is read.

    Raises:
      OSError: if it cannot be written.
    """
    content = seal({"format": _FORMAT, "files": dict(sorted(entries.items()))})
    with replacing(folder / MANIFEST) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def describe(path: AnyPath) -> Entry:
    """Size and SHA-256 of a file; raises ``OSError`` if it cannot be read."""
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
            size += len(chunk)
    return {"size": size, "sha256": sha.hexdigest()}


def has_manifest(folder: AnyPath) -> bool:
    """Whether the folder's bytes can be checked."""
    return (folder / MANIFEST).exists()


def read_manifest(folder: AnyPath) -> dict[str, Entry]:
    """Size and SHA-256 of each file, by its name in the folder.

    Raises:
      DamagedFile: if the manifest is not as it was written, or of a later version.
      OSError: if there is none, or it cannot be read.
    """
    content = read_sealed(folder / MANIFEST)
    if content.get("format") != _FORMAT:
        raise DamagedFile(
            f"{folder / MANIFEST} has format {content.get('format')}, expected {_FORMAT}. "
            "Update ssagan_jax."
        )
    return content["files"]


def find_faults(folder: AnyPath, parts: Collection[str] = ()) -> list[str]:
    """Reads every file again and compares; one line per fault, with the file's name.

    Args:
      folder: one that has a manifest.
      parts: files and folders in it to check; all if empty.

    Returns:
      Such as ``generator/d/12ab: its SHA-256 is ...``, ``... is missing``, ``... has 10 bytes,
      expected 400``; nothing if all is as it was written. Files that the manifest does not know
      are no fault: nobody reads them.
    """
    try:
        entries = read_manifest(folder)
    except (DamagedFile, OSError) as error:
        return [str(error).removeprefix(f"{folder}/").rstrip(".")]
    names = [name for name in entries if _is_in(parts, name)]
    with ThreadPoolExecutor(_threads()) as pool:
        found = pool.map(lambda name: _fault(folder, name, entries[name]), names)
        return [fault for fault in found if fault]


def find_wrong_sizes(folder: AnyPath, parts: Collection[str] = ()) -> list[str]:
    """As ``find_faults``, of a folder too large to be read whole: sizes alone.

    Raises:
      DamagedFile, OSError: as ``read_manifest``.
    """
    entries, sizes = read_manifest(folder), paths.sizes(folder)
    return [
        fault
        for name, entry in entries.items()
        if _is_in(parts, name) and (fault := _wrong_size(name, sizes.get(name), entry))
    ]


def list_sizes(folder: AnyPath) -> dict[str, int]:
    """Bytes of every file below the folder but the manifest, as they are now."""
    return {name: size for name, size in paths.sizes(folder).items() if name != MANIFEST}


def _is_in(parts: Collection[str], name: str) -> bool:
    """Whether a file belongs to files and folders; to none in particular if there are none."""
    return not parts or name.partition("/")[0] in parts


def _fault(folder: AnyPath, name: str, expected: Mapping[str, Any]) -> str | None:
    """What is wrong with one file; None if nothing."""
    try:
        found = describe(folder / name)
    except FileNotFoundError:
        return f"{name} is missing"
    except OSError as error:
        return f"{name} cannot be read: {error.strerror or error}"
    if found["size"] != expected["size"]:
        return f"{name} has {found['size']} bytes, expected {expected['size']}"
    if found["sha256"] != expected["sha256"]:
        return f"{name}: {differing(found['sha256'], expected['sha256'])}"
    return None


def _wrong_size(name: str, size: int | None, expected: Mapping[str, Any]) -> str | None:
    if size is None:
        return f"{name} is missing"
    wrong = size != expected["size"]
    return f"{name} has {size} bytes, expected {expected['size']}" if wrong else None


def _threads() -> int:
    return min(8, os.cpu_count() or 1)
