"""The card beside an exported model: what it is, and how to load it."""

import hashlib
import json
from pathlib import Path

import jax

import ssagan_jax
from ssagan_jax.export.function import Function
from ssagan_jax.io.atomic import replacing


def describe(
    function: Function, path: Path, *, format: str, batch: int | None, loading: tuple[str, ...]
) -> dict:
    """Everything a user without this package needs to know of what was written to ``path``."""
    size, frames, any_number = function.size, function.frames, "b" if batch is None else batch
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return {
        "name": path.name,
        "model": function.name,
        "format": format,
        "size": size,
        "frames": frames,
        "input": _array([any_number, size, size, 3], "photo: RGB, uint8 / 127.5 - 1"),
        "output": _array([any_number, frames, size, size, 3], "clip: RGB, as the photo"),
        **({"fields": _fields(function, any_number)} if "velocity" in function.names else {}),
        "computes_in": "float32",
        "trained_in": function.info["precision"],
        "checkpoint": {"step": function.info["step"], "sha256": function.info["hash"]},
        "versions": {"ssagan_jax": ssagan_jax.__version__, "jax": jax.__version__},
        "bytes": sum(file.stat().st_size for file in files),
        "sha256": {file.relative_to(path.parent).as_posix(): _sha256(file) for file in files},
        "load": [_completed(line, path, function) for line in loading],
    }


def card_path(path: Path) -> Path:
    """Where the card of an export at ``path`` lies."""
    return path.with_name(f"{path.name}.json")


def write_card(path: Path, content: dict) -> None:
    """Writes the card, whole or not at all."""
    text = json.dumps(content, indent=2, allow_nan=False)
    with replacing(card_path(path)) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


def _completed(line, path, function):
    results = ", ".join(function.names) + ("," if len(function.names) == 1 else "")
    line = line.replace("{name}", path.name).replace("{results}", results)
    return line.replace("{names}", str([*function.names]))


def _fields(function, any_number):
    shapes = function.shapes()
    what = {
        "velocity": "motion of the content (right, down), shares of width and height per frame",
        "mask": "what moves, 0 to 1",
        "change": "of light, to be added to the photo moved, in the clip's unit",
        "wind": "that is likely for the photo (right, down), shares per frame",
    }
    return {
        name: {"shape": [any_number, *shapes[name]], "dtype": "float32", "what": text}
        for name, text in what.items()
        if name in shapes
    }


def _array(shape, what):
    return {"shape": shape, "dtype": "float32", "range": [-1, 1], "what": what}


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
