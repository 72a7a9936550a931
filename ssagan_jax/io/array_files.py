"""Files of NumPy arrays that others made: what they declare is checked before any is unpacked.

Of two megabytes of zip an array of gigabytes may come. What a file declares may be as large as
``FREE``, or as ``RATIO`` times the file; packed videos are some ten times smaller than unpacked.
Python objects (pickles) are never read.
"""

import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

FREE = 256 << 20  # bytes
RATIO = 50
_HEADER = 10_000  # bytes, of a header: NumPy's own limit


def read_npz(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Arrays of an ``.npz`` file, by name; all of them if none is named.

    Raises:
      ValueError: if the file is no zip file or is damaged, lacks an array, would unpack to more
        than is allowed, or holds Python objects.
      OSError: if it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {m.filename.removesuffix(".npy"): m for m in archive.infolist()}
            for name in set(names) - members.keys():
                there = ", ".join(sorted(members)) or "nothing"
                raise ValueError(f'{path} has no array "{name}", only: {there}.')
            wanted = {name: members[name] for name in names or members}
            _check_size(path, sum(member.file_size for member in wanted.values()))
            return {name: _read(archive, path, name, m) for name, m in wanted.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(f"{path} is damaged, or no .npz file: {error}.") from error


def _read(archive: zipfile.ZipFile, path: Path, name: str, member: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(member) as stream:
        _check_header(path, name, stream, member.file_size)
    with archive.open(member) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _check_size(path: Path, size: int) -> None:
    most = max(FREE, RATIO * path.stat().st_size)
    if size > most:
        raise ValueError(
            f"{path} would unpack to {size:,} bytes, more than {most:,} are not read: a small file "
            "could fill the memory. If it is yours: numpy.savez instead of savez_compressed."
        )


def _check_header(path: Path, name: str, stream: Any, size: int) -> None:
    """Refuses a header that declares another size than the member has, or Python objects."""
    try:
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read(stream, max_header_size=_HEADER)
    except (KeyError, ValueError) as error:
        raise ValueError(f'The array "{name}" in {path} is not one of NumPy: {error}.') from error
    if dtype.hasobject:
        raise ValueError(f'The array "{name}" in {path} holds Python objects, not plain numbers.')
    declared = math.prod(shape) * dtype.itemsize + stream.tell()
    if declared != size:
        raise ValueError(
            f'The array "{name}" in {path} declares {declared:,} bytes and has {size:,}: the file '
            "is damaged."
        )
