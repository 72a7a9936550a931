"""The folder that makes clips on visitors' devices possible: written by ``on_device``, served here.

``device.json`` in it says what the other files are and what they must hash to.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "device.json"
MODEL = "model.onnx"
FORMAT = 2
DEVICE = "/device/"  # where the server has them
KINDS = {
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".onnx": "application/octet-stream",
    ".json": "application/json",
}
_MAKE = "python -m ssagan_jax.demo.on_device --output=FOLDER"


@dataclass(frozen=True)
class DeviceFiles:
    """What devices fetch.

    Attributes:
      key: of the content: other files have another one, so that browsers may keep what they have.
      files: by name, ``device.json`` included.
    """

    key: str
    files: Mapping[str, bytes]

    def find(self, key: str, name: str) -> bytes | None:
        """A file; None if there is none of that name, or it is one of other content."""
        return self.files.get(name) if key == self.key else None


def read_device_files(folder: str | os.PathLike) -> DeviceFiles:
    """Reads a folder into memory, so that what is served is what was checked.

    Raises:
      FileNotFoundError: it has no ``device.json``, or lacks a file that this names.
      ValueError: a file is damaged, was altered, or is of another version.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(f"No {MANIFEST} in {folder}. Make such a folder: {_MAKE}")
    manifest = path.read_bytes()
    files = {
        name: _read_checked(folder / name, hashed) for name, hashed in _list_files(path, manifest)
    }
    return DeviceFiles(sha256(manifest)[:16], {**files, MANIFEST: manifest})


def sha256(content: bytes) -> str:
    """The SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _list_files(path: Path, manifest: bytes) -> list[tuple[str, str]]:
    """Names and hashes."""
    try:
        told = json.loads(manifest)
        version = told["format"]
        listed = [(str(name), str(file["sha256"])) for name, file in told["files"].items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is damaged: {type(error).__name__} {error}. Make it anew: {_MAKE}"
        ) from error
    if version != FORMAT:
        raise ValueError(f"{path} has format {version}, expected {FORMAT}. Make it anew: {_MAKE}")
    for name, _ in listed:
        if Path(name).name != name or Path(name).suffix not in KINDS:
            raise ValueError(f"{path} names {name[:40]!r}, which is no file to serve.")
    return listed


def _read_checked(path: Path, expected: str) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. Make the folder anew: {_MAKE}")
    content = path.read_bytes()
    if (found := sha256(content)) != expected:
        raise ValueError(
            f"{path} is damaged or was altered: its SHA-256 is {found[:12]}..., expected "
            f"{expected[:12]}... Make the folder anew: {_MAKE}"
        )
    return content
