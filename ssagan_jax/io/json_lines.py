"""Files of one JSON object a line, read so that a damaged line costs no other."""

import json
from typing import Any, NamedTuple

from ssagan_jax.io.paths import AnyPath


class Line(NamedTuple):
    """A line with its end, its number from 1 on, and what it holds: None if that is damaged."""

    number: int
    content: bytes
    record: dict[str, Any] | None


def read_lines(path: AnyPath, *, key: str) -> list[Line]:
    """The lines of a file; one without its end, which may be torn, is left out.

    A line is whole if it is a JSON object in UTF-8 with a whole number as its ``key``.

    Raises:
      OSError: if the file cannot be read.
    """
    lines = path.read_bytes().split(b"\n")[:-1]
    return [
        Line(number, content + b"\n", _record(content, key))
        for number, content in enumerate(lines, start=1)
    ]


def _record(content: bytes, key: str) -> dict[str, Any] | None:
    try:
        record = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):  # ValueError: of both the decoder and the parser
        return None
    whole = isinstance(record, dict) and type(record.get(key)) is int
    return record if whole else None
