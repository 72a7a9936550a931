"""Small files of text and JSON: what is wrong with one is said with its name."""

import json
from typing import Any

from ssagan_jax.io.paths import AnyPath


def read_text(path: AnyPath) -> str:
    """A file's text, which is in UTF-8.

    Raises:
      ValueError: if it is not.
      OSError: if the file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is damaged, or no text in UTF-8: {error}.") from error


def read_json(path: AnyPath) -> Any:
    """What a JSON file holds.

    Raises:
      ValueError: if it is no JSON.
      OSError: if the file cannot be read.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged, or no JSON: {error}.") from error
