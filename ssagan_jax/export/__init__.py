"""``ssagan export``: a trained generator as a file that runs without this package.

(``safetensors`` is for this package: a folder with weights, configuration and card.) What is
exported otherwise is one function: photos, float32 [B, S, S, 3] in [-1, 1], to clips, float32
[B, T, S, S, 3] in [-1, 1]. A small JSON card beside it says the rest.
"""

import importlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from ssagan_jax.checkpoints.model_folder import is_model_folder
from ssagan_jax.export.card import card_path, describe, write_card
from ssagan_jax.export.function import read_function
from ssagan_jax.export.safetensors_folder import FILES, write_folder
from ssagan_jax.io import paths

# The module with ``write_program(function, path, *, batch)`` of each format.
FORMATS = {"stablehlo": "stable_hlo", "onnx": "onnx_file", "savedmodel": "saved_model"}
SAFETENSORS = "safetensors"
SYMBOLIC = "symbolic"
# What TensorFlow writes into the folder of a SavedModel.
SAVED_MODEL = {"saved_model.pb", "fingerprint.pb", "variables", "assets", "assets.extra", "debug"}


def export(
    path: str | Path | None,
    output: str | Path,
    *,
    format: str,
    batch: int | str = SYMBOLIC,
    overwrite: bool = False,
    licence: str | None = None,
) -> Path:
    """Writes the generator of a workdir or checkpoint for use elsewhere.

    Args:
      path: what ``loading.load_generator`` takes; None: the model of the package.
      output: the file to write (of a SavedModel: the folder); the card is ``output.json``. Of
        ``safetensors``: the folder, its card within.
      format: a key of ``FORMATS``, or ``safetensors``.
      batch: how many photos a call takes; "symbolic": any number.
      overwrite: whether an earlier export there may be replaced.
      licence: of the weights, for the card of ``safetensors``.

    Returns:
      ``output``.

    Raises:
      ValueError: bad arguments, or a model that cannot be exported, saying why.
      FileExistsError: there is something at ``output``, or where its card goes.
      FileNotFoundError: there is no checkpoint in ``path``.
      ImportError: the format needs a package that is missing.
    """
    count = _parse_batch(batch)
    output = paths.on_disk(output, "--output")
    if format == SAFETENSORS:
        return _export_folder(path, output, licence=licence, overwrite=overwrite)
    if licence is not None:
        raise ValueError(f"--licence is for --format={SAFETENSORS}, whose card has it.")
    writer = _load_writer(format)
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


def _export_folder(
    path: str | Path | None, output: Path, *, licence: str | None, overwrite: bool
) -> Path:
    """A new model folder, or one whose model is replaced; raises as ``export``."""
    if output.exists() and not overwrite:
        raise FileExistsError(
            f"{output} exists. Choose another name, or replace it with --overwrite."
        )
    if output.exists() and not is_model_folder(output):
        raise FileExistsError(
            f"{output} is no model folder: it is not overwritten. Choose another name."
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".export-") as folder:
        partial = Path(folder) / output.name
        write_folder(path, partial, licence=licence, where=str(output))
        if output.exists():  # what else lies there, as its results, stays
            for name in FILES:
                (partial / name).replace(output / name)
        else:
            partial.rename(output)
    return output


def _load_writer(format):
    if format not in FORMATS:
        known = ", ".join([*FORMATS, SAFETENSORS])
        raise ValueError(f'Unknown export format "{format}". Known: {known}.')
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
    names = {path.name for path in output.iterdir()} if output.is_dir() else SAVED_MODEL
    if "saved_model.pb" not in names or not names <= SAVED_MODEL:
        raise FileExistsError(
            f"{output} is a folder with more than a SavedModel, or without one: it is not "
            "overwritten. Choose another name."
        )


def _remove(output: Path) -> None:
    if output.is_dir():
        shutil.rmtree(output)
    else:
        output.unlink(missing_ok=True)
