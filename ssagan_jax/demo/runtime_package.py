"""onnxruntime-web, the program that runs ONNX files in a browser: one pinned version of npm's.

The package has no licence file; ``package.json`` says "MIT", and so does the head of each script
(Copyright (c) Microsoft Corporation).
"""

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

VERSION = "1.30.0"
# As npm's registry gives it, of the tarball.
INTEGRITY = (
    "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfK"
    "YQ=="
)
# What is taken out of it. Each script loads the program below it.
WASM = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
WEBGPU = ("ort.webgpu.bundle.min.mjs", "ort-wasm-simd-threaded.asyncify.wasm")
LICENCE = "onnxruntime-web.package.json"
_MEMBERS = {f"package/dist/{name}": name for name in (*WASM, *WEBGPU)} | {
    "package/package.json": LICENCE
}
_SECONDS = 600  # for npm


def read_runtime(tarball: str | Path | None = None) -> dict[str, bytes]:
    """The files that a browser needs, by name.

    Args:
      tarball: of the package, from ``npm pack``; None: npm gets it.

    Raises:
      FileNotFoundError: there is no such tarball, or no npm.
      OSError: npm did not get it.
      ValueError: the tarball is another one than expected.
    """
    content = _download() if tarball is None else _read_tarball(Path(tarball))
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != INTEGRITY:
        raise ValueError(
            f"The tarball is not onnxruntime-web {VERSION}: its integrity is {found[:20]}..., "
            f"expected {INTEGRITY[:20]}... Get it with npm pack onnxruntime-web@{VERSION}."
        )
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        # Read one by one and named here: nothing in the archive decides where anything goes.
        return {
            name: archive.extractfile(member).read()  # type: ignore[union-attr]  # all are files
            for member, name in _MEMBERS.items()
        }


def find_npm() -> str:
    """The path of npm; raises FileNotFoundError where there is none."""
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError(
            "There is no npm on this machine. Install Node.js (https://nodejs.org), or run "
            f"npm pack onnxruntime-web@{VERSION} elsewhere and give its file: --tarball=FILE.tgz"
        )
    return npm


def _download() -> bytes:
    """The tarball as npm downloads it. No script of the package is run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [find_npm(), "pack", f"onnxruntime-web@{VERSION}", "--ignore-scripts"]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS
            )
            said = done.stderr.strip().splitlines() or ["it said nothing."]
        except subprocess.TimeoutExpired:
            done, said = None, [f"it did not end in {_SECONDS} s."]
        packed = list(Path(folder).glob("*.tgz"))
        if done is None or done.returncode or len(packed) != 1:
            raise OSError(
                f"npm did not get onnxruntime-web@{VERSION}: {said[-1]} Or get it elsewhere with "
                "npm pack and give its file: --tarball=FILE.tgz"
            )
        return packed[0].read_bytes()


def _read_tarball(path: Path) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(
            f"No tarball at {path}. It comes from npm pack onnxruntime-web@{VERSION}."
        )
    return path.read_bytes()
