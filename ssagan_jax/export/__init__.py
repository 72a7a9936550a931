"""``ssagan export``: a trained generator as a file that runs without this package.

What is exported is one function: photos, float32 [B, S, S, 3] in [-1, 1], to clips, float32
[B, T, S, S, 3] in [-1, 1]. A small JSON card beside it says the rest.
"""

import importlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from ssagan_jax.export.card import card_path, describe, write_card
from ssagan_jax.export.function import read_function
from ssagan_jax.io import paths

# The module with ``write_program(function, path, *, batch)`` of each format.
FORMATS = {"stablehlo": "stable_hlo", "onnx": "onnx_file", "savedmodel": "saved_model"}
SYMBOLIC = "symbolic"


def export(
    path: str | Path | None,
    output: str | Path,
    *,
    format: str,
    batch: int | str = SYMBOLIC,
    overwrite: bool = False,
) -> Path:
    """Writes the generator of a workdir or checkpoint for use without this package.

    Args:
      path: a training workdir or one checkpoint folder; None: the model of the package.
      output: the file to write (of a SavedModel: the folder); the card is ``output.json``.
      format: a key of ``FORMATS``.
      batch: how many photos a call takes; "symbolic": any number.
      overwrite: whether an earlier export there may be replaced.

    Returns:
      ``output``.

    Raises:
      ValueError: bad arguments, or a model that cannot be exported, saying why.
      FileExistsError: there is something at ``output``, or where its card goes.
      FileNotFoundError: there is no checkpoint in ``path``.
      ImportError: the format needs a package that is missing.
    """
    count = _parse_batch(batch)
    writer = _load_writer(format)
    output = paths.on_disk(output, "--output")
    _check_output(output, overwrite=overwrite)
    function = read_function(path)
    writer.check_packages()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".export-") as folder:
        partial = Path(folder) / output.name
        writer.write_program(function, partial, batch=count)
        card = describe(function, partial, format=format, batch=count, loading=writer.LOADING)
        _remove(output)
        partial.rename(output)
    write_card(output, card)
    return output


def _load_writer(format):
    if format not in FORMATS:
        raise ValueError(f'Unknown export format "{format}". Known: {", ".join(FORMATS)}.')
    return importlib.import_module(f"{__name__}.{FORMATS[format]}")


def _parse_batch(batch: Any) -> int | None:
    """The number of photos; None for any number."""
    if batch == SYMBOLIC:
        return None
    try:
        count = int(batch)
    except ValueError:
        count = 0
    if count < 1:
        raise ValueError(
            f'The batch is a number of photos, 1 or more, or "{SYMBOLIC}" for any, not "{batch}".'
        )
    return count


def _check_output(output: Path, *, overwrite: bool) -> None:
    taken = next((path for path in (output, card_path(output)) if path.exists()), None)
    if taken and not overwrite:
        raise FileExistsError(
            f"{taken} exists. Choose another name, or replace it with --overwrite."
        )
    if output.is_dir() and not (output / "saved_model.pb").is_file():
        raise FileExistsError(
            f"{output} is a folder and no SavedModel: it is not overwritten. Choose another name."
        )


def _remove(output: Path) -> None:
    if output.is_dir():
        shutil.rmtree(output)
    else:
        output.unlink(missing_ok=True)
