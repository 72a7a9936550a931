"""Makes the folder for ``ssagan demo --on-device=FOLDER``: the network runs in the browser.

    python -m ssagan_jax.demo.on_device --output=FOLDER [--workdir=RUN] [--tarball=FILE.tgz]

It gets onnxruntime-web from npm, writes the generator as ONNX, and lists both in ``device.json``.
Needs what ``ssagan export --format=onnx`` needs (docs/export.md); serving the folder needs none
of it.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ssagan_jax.demo import device_files, runtime_package, webgpu_model
from ssagan_jax.export import export, onnx_file
from ssagan_jax.export.card import card_path
from ssagan_jax.export.function import read_function
from ssagan_jax.io import paths

PROBED = 64  # values of a clip that a device compares with its own


def make_device_files(
    output: str | Path, *, workdir: str | Path | None = None, tarball: str | Path | None = None
) -> Path:
    """Writes the folder, whole or not at all; returns it.

    Args:
      output: a new folder, or an empty one.
      workdir: a training run or one checkpoint; None: the model of the package.
      tarball: of onnxruntime-web; None: npm gets it.

    Raises:
      FileExistsError: there is something at ``output``.
      FileNotFoundError, OSError, ValueError: as ``runtime_package.read_runtime``.
      FileNotFoundError, ValueError, ImportError: as ``export.export``.
      ValueError: ``output`` is in a bucket, or the model's clips are no numbers.
    """
    output = paths.on_disk(output, "--output")
    if output.is_file() or (output.is_dir() and any(output.iterdir())):
        raise FileExistsError(f"{output} exists and is not empty. Choose another folder.")
    onnx_file.check_packages()
    files = runtime_package.read_runtime(tarball)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".on_device-") as temporary:
        folder = Path(temporary) / "files"
        model = export(workdir, folder / device_files.MODEL, format="onnx", batch=1)
        card = json.loads(card_path(model).read_text(encoding="utf-8"))
        card_path(model).unlink()  # of the file as it was
        webgpu_model.adapt_model(model)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        manifest = json.dumps(_describe(folder, card, workdir), indent=2)
        (folder / device_files.MANIFEST).write_text(manifest + "\n", encoding="utf-8")
        if output.is_dir():
            output.rmdir()
        folder.rename(output)
    return output


def probe_photo(size: int) -> np.ndarray:
    """A photo that every device can make for itself: float32 [size, size, 3] in [-1, 1]."""
    numbers = np.arange(size * size * 3).reshape(size, size, 3)
    return (numbers * 31 % 256 / 127.5 - 1).astype(np.float32)


def _describe(folder: Path, card: dict, workdir: Any) -> dict:
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    return {
        "format": device_files.FORMAT,
        "size": card["size"],
        "frames": card["frames"],
        "blows": "wind" in card.get("fields", {}),  # there is what the page needs to blow a photo
        "checkpoint": card["checkpoint"],
        "versions": {**card["versions"], "onnxruntime-web": runtime_package.VERSION},
        "model": device_files.MODEL,
        "wasm": runtime_package.WASM,
        "webgpu": runtime_package.WEBGPU,
        "probe": _compute_probe(workdir),
        "files": {
            name: {"bytes": len(content), "sha256": device_files.sha256(content)}
            for name, content in files.items()
        },
    }


def _compute_probe(workdir: Any) -> list[float]:
    """The clip of ``probe_photo`` at ``PROBED`` places, evenly spread."""
    function = read_function(workdir)
    clip = jax.jit(function.one)(function.variables, probe_photo(function.size))["clip"]
    values = np.asarray(clip).reshape(-1)
    if not np.isfinite(values).all():
        raise ValueError(
            "The model's clip of a test photo has values that are no numbers. Train another model."
        )
    return [round(float(values[i * values.size // PROBED]), 5) for i in range(PROBED)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, metavar="FOLDER", help="a new one")
    parser.add_argument("--workdir", metavar="RUN", help="(default: the model of the package)")
    parser.add_argument("--tarball", metavar="FILE.tgz", help="onnxruntime-web's, if npm is absent")
    options = parser.parse_args()
    try:
        folder = make_device_files(options.output, workdir=options.workdir, tarball=options.tarball)
    except (OSError, ValueError, ImportError) as error:
        print(f"on_device: {error}", file=sys.stderr)
        return 1
    for path in sorted(folder.iterdir()):
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    print(f"Serve it: ssagan demo --on-device={folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
