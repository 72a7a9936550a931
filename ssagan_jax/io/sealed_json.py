"""JSON files that carry the SHA-256 of what they say, so that an altered one is told.

The digest is of the content as it is parsed: another indentation is no damage.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ssagan_jax.io.paths import AnyPath

KEY = "self_sha256"


class DamagedFile(ValueError):
    """A file that is not what was written: truncated, emptied or altered."""


def seal(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its own digest as the last entry.

    Raises:
      ValueError: if a number is NaN or infinite, which JSON does not know.
    """
    return {**content, KEY: _digest(json.loads(json.dumps(content, allow_nan=False)))}


def read_sealed(path: AnyPath, *, older: bool = False) -> dict[str, Any]:
    """Reads a JSON object that ``seal`` made, without its digest.

    Args:
      path: the file.
      older: whether one without a digest is taken as it is: earlier versions wrote none.

    Raises:
      DamagedFile: if it is no JSON object, or another than was written.
      OSError: if it cannot be read.
    """
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise DamagedFile(f"{path} is damaged: it is not JSON ({error}).") from error
    if not isinstance(content, dict):
        raise DamagedFile(f"{path} is damaged: expected a JSON object.")
    expected = content.pop(KEY, None)
    if expected is None and older:
        return content
    if expected is None:
        raise DamagedFile(f"{path} is damaged: it has no {KEY}.")
    if (found := _digest(content)) != expected:
        raise DamagedFile(f"{path} is damaged: {differing(found, str(expected))}.")
    return content


def differing(found: str, expected: str) -> str:
    """Two digests as a reason, each by its first digits that tell them apart."""
    return f"its SHA-256 is {found[:12]}..., expected {expected[:12]}..."


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
